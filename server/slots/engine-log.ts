/** What an engine prints: the last lines in memory, and all of it in a file that never grows beyond two pieces. */
import { appendFile, mkdir, rename, stat } from "node:fs/promises";
import path from "node:path";
import { StringDecoder } from "node:string_decoder";

const maxLines = 2_000;
const maxLineLength = 2_000;
const maxFileBytes = 5_000_000;
/** While the disk does not keep up, what is beyond this is only kept in memory. */
const maxWaitingLength = 1_000_000;

export class EngineLog {
  #lines: string[] = [];
  #linesOfRun = 0;
  #waiting = "";
  #writing: Promise<void> | null = null;
  #fileBytes: number | null = null;

  /** @param file absolute; older lines go to the same name with `.1` */
  constructor(readonly file: string) {}

  /** The last lines, oldest first. */
  last(count: number): string[] {
    return count > 0 ? this.#lines.slice(-Math.min(count, maxLines)) : [];
  }

  /** The last lines since the engine was started. */
  lastOfRun(count: number): string[] {
    return this.last(Math.min(count, this.#linesOfRun));
  }

  /** Marks a start. */
  begin(line: string): void {
    this.add(line);
    this.#linesOfRun = 0;
  }

  add(line: string): void {
    const short = line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line;
    this.#lines.push(short);
    this.#linesOfRun++;
    // Trimmed in large steps, so that a line costs no copy of all the others.
    if (this.#lines.length >= 2 * maxLines) this.#lines = this.#lines.slice(-maxLines);
    if (this.#waiting.length < maxWaitingLength) this.#waiting += `${short}\n`;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  /** Takes the chunks of one output stream and cuts them into lines. */
  writer(): (chunk: Buffer) => void {
    const decoder = new StringDecoder("utf8");
    let rest = "";
    return (chunk) => {
      const lines = (rest + decoder.write(chunk)).split(/\r?\n/);
      rest = (lines.pop() ?? "").slice(0, maxLineLength + 1);
      for (const line of lines) this.add(line);
    };
  }

  /** Resolves when what was added so far is in the file. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  /** A full or broken disk costs the file its lines, and nothing else. */
  async #write(): Promise<void> {
    while (this.#waiting !== "") {
      const text = this.#waiting;
      this.#waiting = "";
      try {
        await this.#rotate(Buffer.byteLength(text));
        await appendFile(this.file, text, { mode: 0o600 });
      } catch {
        this.#fileBytes = null;
      }
    }
  }

  async #rotate(addedBytes: number): Promise<void> {
    if (this.#fileBytes === null) {
      await mkdir(path.dirname(this.file), { recursive: true });
      this.#fileBytes = await stat(this.file).then(
        ({ size }) => size,
        () => 0,
      );
    }
    if (this.#fileBytes > 0 && this.#fileBytes + addedBytes > maxFileBytes) {
      await rename(this.file, `${this.file}.1`);
      this.#fileBytes = 0;
    }
    this.#fileBytes += addedBytes;
  }
}
