/**
 * The log: lines gather for a moment and are written together, so that one for each request costs little. They go to
 * standard output, and to a file of their own that is never waited for.
 */
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pino, { type Logger } from "pino";
import type { LogListener, OwnLog } from "../lib/logs.ts";
import { LastBytes } from "./last-bytes.ts";
import { logTime } from "./log-time.ts";
import { RotatingFile } from "./rotating-file.ts";

/** Nobody waits for a line for longer. Without lines there is no timer. */
const gatheredMs = 100;
const gatheredBytes = 65_536;
/** A longer one, as with a stack in it, goes its own way. */
const longestLineBytes = 16_384;
/** Of UTF-8, for one unit of a string. */
const mostBytesPerUnit = 3;

/** Beyond this lines are dropped: whoever reads them has stopped, and requests must not wait for that. */
const unwrittenBytes = 8 * 1024 * 1024;

/** How long the process may wait for its last lines to be read. */
const lastLinesMs = 1_000;

/** Of the last lines, in memory: about two thousand. */
const recentBytes = 1024 * 1024;
const recentLines = 2_000;

/** Each of the two pieces of the log's own file. */
const fileBytes = 20_000_000;

/** How pino begins a line of this level. */
const infoStart = `{"level":${pino.levels.values.info}`;

export interface Log extends OwnLog {
  log: Logger;
  /** Resolves when everything logged so far is written, at the latest after a second. */
  flush(): Promise<void>;
  /** From now on writes to this file, too, and at first what was logged before. */
  keepIn(file: string): void;
}

/** @param fd where lines go; 1 is standard output */
export function openLog(fd = 1): Log {
  const lines = new Lines(fd);
  const log = pino({ base: undefined, timestamp: logTime }, lines);
  process.once("exit", () => lines.writeRest());
  return {
    log,
    flush: () => lines.flush(),
    write: (members) => lines.write(`${infoStart}${logTime()},${members}}\n`),
    last: (count) => lines.last(count),
    follow: (listener) => lines.follow(listener),
    keepIn: (file) => lines.keepIn(file),
  };
}

/** Lines are put into bytes as they come: as strings, thousands of pieces of them would outlive collections of garbage. */
class Lines {
  readonly #fd: number;
  readonly #destination: ReturnType<typeof pino.destination>;
  readonly #gathered = Buffer.allocUnsafe(gatheredBytes + longestLineBytes);
  #length = 0;
  #timer: NodeJS.Timeout | null = null;
  #isWriting = false;
  #isGone = false;
  readonly #recent = new LastBytes(recentBytes);
  readonly #followers = new Set<LogListener>();
  #file: RotatingFile | null = null;

  constructor(fd: number) {
    this.#fd = fd;
    this.#destination = pino.destination({
      fd,
      sync: false,
      maxLength: unwrittenBytes,
      contentMode: "buffer",
    });
    this.#destination.on("drain", () => {
      this.#isWriting = false;
    });
    // As where its disk is full, or its terminal is gone. The log's own file goes on.
    this.#destination.on("error", () => this.#giveUp());
  }

  write(line: string): void {
    if (line.length * mostBytesPerUnit > longestLineBytes) {
      this.#writeLong(line);
      return;
    }
    this.#length += this.#gathered.write(line, this.#length, "utf8");
    if (this.#length >= gatheredBytes) this.#handOver();
    else this.#timer ??= setTimeout(() => this.#handOver(), gatheredMs).unref();
  }

  last(count: number): string[] {
    this.#handOver();
    return this.#recent.lines(Math.min(count, recentLines));
  }

  follow(listener: LogListener): () => void {
    this.#handOver();
    // Under a name of its own: the same function may listen twice.
    const own: LogListener = (portion) => listener(portion);
    this.#followers.add(own);
    return () => this.#followers.delete(own);
  }

  keepIn(file: string): void {
    this.#handOver();
    this.#file = new RotatingFile(file, fileBytes);
    this.#file.append(this.#recent.bytes());
  }

  async flush(): Promise<void> {
    this.#handOver();
    await Promise.all([this.#drained(), this.#fileWritten()]);
  }

  async #fileWritten(): Promise<void> {
    await Promise.race([this.#file?.flush(), sleep(lastLinesMs, undefined, { ref: false })]);
  }

  async #drained(): Promise<void> {
    if (!this.#isWriting) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lastLinesMs);
      this.#destination.once("drain", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Nobody reads it any more. To flush what cannot be written would be tried for ever, at the process's end too. */
  #giveUp(): void {
    this.#isGone = true;
    this.#isWriting = false;
    this.#destination.flushSync = () => undefined;
    this.#destination.destroy();
  }

  /** What is left when the process ends without a flush, as after an error that nothing caught. */
  writeRest(): void {
    this.#file?.appendRest(this.#gathered.subarray(0, this.#length));
    if (this.#isGone) return;
    try {
      this.#destination.flushSync();
      if (this.#length > 0) writeSync(this.#fd, this.#gathered, 0, this.#length);
    } catch {
      // Nobody reads it any more.
    }
  }

  #writeLong(line: string): void {
    this.#handOver();
    this.#send(Buffer.from(line));
  }

  #handOver(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#length === 0) return;
    const bytes = Buffer.from(this.#gathered.subarray(0, this.#length));
    this.#length = 0;
    this.#send(bytes);
  }

  #tell(bytes: Buffer): void {
    const portion = { lines: bytes.toString("utf8").split("\n").slice(0, -1), dropped: 0 };
    for (const listener of this.#followers) listener(portion);
  }

  #send(bytes: Buffer): void {
    this.#recent.add(bytes);
    this.#file?.append(bytes);
    if (this.#followers.size > 0) this.#tell(bytes);
    if (this.#isGone) return;
    this.#isWriting = true;
    this.#destination.write(bytes as unknown as string); // Its types know strings alone.
  }
}
