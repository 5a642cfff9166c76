/** What an engine prints: the last lines in memory, and all of it in a file that never grows beyond two pieces. */
import { StringDecoder } from "node:string_decoder";
import type { LogListener } from "../../lib/logs.ts";
import { RotatingFile } from "../rotating-file.ts";
import { LogTail } from "./log-tail.ts";

const maxLines = 2_000;
const maxLineLength = 2_000;
const maxFileBytes = 5_000_000;

export class EngineLog {
  #lines: string[] = [];
  #linesOfRun = 0;
  readonly #file: RotatingFile;
  readonly #tail = new LogTail();

  /** @param file absolute; older lines go to the same name with `.1` */
  constructor(file: string) {
    this.#file = new RotatingFile(file, maxFileBytes);
  }

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
    this.#tail.add(short);
    this.#file.append(Buffer.from(`${short}\n`));
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

  /** New lines from now on, in portions of at most a few a second. @returns what ends it */
  subscribe(listener: LogListener): () => void {
    return this.#tail.subscribe(listener);
  }

  /** All that is kept on the disk. */
  download(): Promise<ReadableStream<Uint8Array>> {
    return this.#file.download();
  }

  /** Resolves when what was added so far is in the file. */
  flush(): Promise<void> {
    return this.#file.flush();
  }
}
