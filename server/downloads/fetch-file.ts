/** Fetches one file to its `.part`, as often as it takes, from wherever the last attempt came to. */
import { setTimeout as delay } from "node:timers/promises";
import type { DownloadFileChange, DownloadFileRow } from "../../lib/data/downloads.ts";
import { type HaveBytes, rangeHeaders, readRange } from "../../lib/downloads/range.ts";
import { maxFailures, progressBytes, waitMs } from "../../lib/downloads/retry.ts";
import { batchesOf } from "./batches.ts";
import { FileHash } from "./file-hash.ts";
import { type FileNames, PartFile, removeUnfinished } from "./part-file.ts";
import type { SourceAnswer } from "./source.ts";
import { diskTrouble, Trouble } from "./trouble.ts";

export interface FetchContext {
  names: FileNames;
  /** What is shown of the place. */
  folder: string;
  /** @throws Trouble */
  open(range: Record<string, string>, signal: AbortSignal): Promise<SourceAnswer>;
  /** Keeps what is learned of the file, in its row and in memory. @throws Error where the database cannot be written */
  save(change: DownloadFileChange): Promise<void>;
  /** So many bytes are on the disk now. */
  onBytes(haveBytes: number): void;
  /** What went wrong before another attempt; null when bytes come again. */
  onTrouble(message: string | null): void;
  /** @throws Trouble where the disk has no room for so much more, which will come */
  checkRoom(missingBytes: number): Promise<void>;
  /** @throws Trouble where the disk has no room for more */
  checkSpace(): Promise<void>;
  /** All bytes are there; the sum is awaited. */
  onComplete(): void;
  /** A part of the usual waits, for tests; 1 in the gateway. */
  waitScale: number;
}

const spaceCheckBytes = 32 * 1024 * 1024;

/**
 * Leaves the whole file, on the disk for good and with the sum that it shall have, under its `.part` name.
 * @throws Trouble when it is given up; the signal's reason when it is stopped
 */
export async function fetchFile(
  file: DownloadFileRow,
  context: FetchContext,
  signal: AbortSignal,
): Promise<void> {
  const part = await PartFile.open(context.names);
  const fetching = new Fetching(file, part, context, signal);
  try {
    await fetching.fetch();
    await part.sync();
    await fetching.verify();
  } catch (error) {
    signal.throwIfAborted();
    throw diskTrouble(error, context.folder);
  } finally {
    await fetching.stop();
    await part.close();
  }
}

class Fetching {
  readonly #file: DownloadFileRow;
  readonly #part: PartFile;
  readonly #context: FetchContext;
  readonly #signal: AbortSignal;
  #hash: FileHash | null = null;

  constructor(file: DownloadFileRow, part: PartFile, context: FetchContext, signal: AbortSignal) {
    this.#file = file;
    this.#part = part;
    this.#context = context;
    this.#signal = signal;
  }

  async fetch(): Promise<void> {
    let failures = 0;
    while (!this.#isWhole()) {
      const before = this.#part.sizeBytes;
      try {
        if (await this.#attempt()) return;
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!(error instanceof Trouble) || error.kind !== "again") throw error;
        failures = this.#part.sizeBytes - before >= progressBytes ? 1 : failures + 1;
        if (failures > maxFailures)
          throw new Trouble("failed", `${error.message} Given up after ${failures} attempts.`);
        this.#context.onTrouble(error.message);
        await delay(waitMs(failures, error.retryAfterS) * this.#context.waitScale, null, {
          signal: this.#signal,
        });
      }
    }
  }

  /** @throws Trouble, with the `.part` file removed, where the bytes are not the file's */
  async verify(): Promise<void> {
    const { sha256 } = this.#file;
    if (sha256 === null) return;
    this.#context.onComplete();
    this.#hash ??= new FileHash(this.#context.names.part);
    const sum = await abortable(this.#hash.sum(this.#part.sizeBytes), this.#signal);
    if (sum === sha256) return;
    await removeUnfinished(this.#context.names);
    this.#context.onBytes(0);
    throw new Trouble(
      "failed",
      `The file is damaged: its SHA-256 is ${sum}, and should be ${sha256}. What came was removed; retry to fetch it again.`,
    );
  }

  async stop(): Promise<void> {
    await this.#hash?.stop();
  }

  #isWhole(): boolean {
    return this.#file.sizeBytes !== null && this.#part.sizeBytes === this.#file.sizeBytes;
  }

  /** True where the file has ended as its server says; where its size is known, that decides. */
  async #attempt(): Promise<boolean> {
    const { sizeBytes } = this.#file;
    if (sizeBytes !== null && this.#part.sizeBytes > sizeBytes) await this.#empty();
    const have: HaveBytes = {
      bytes: this.#part.sizeBytes,
      etag: this.#file.etag,
      sizeBytes,
      hasSum: this.#file.sha256 !== null,
    };
    const range = rangeHeaders(have);
    const answer = await this.#context.open(range, this.#signal);
    try {
      await this.#begin(answer, range.range === undefined ? { ...have, bytes: 0 } : have);
      if (this.#file.sizeBytes !== null)
        await this.#context.checkRoom(Math.max(0, this.#file.sizeBytes - this.#part.sizeBytes));
      await this.#read(answer);
    } finally {
      answer.close();
    }
    if (this.#file.sizeBytes !== null && !this.#isWhole())
      throw new Trouble("again", `${answer.host} sent another number of bytes than it promised.`);
    return true;
  }

  /** Makes the `.part` file what the answer goes on from. */
  async #begin({ status, headers, host }: SourceAnswer, have: HaveBytes): Promise<void> {
    const meaning = readRange(status, headers, have);
    if (meaning.kind === "append") return this.#follow();
    if (meaning.kind === "other")
      throw new Trouble(
        "failed",
        `${host} has another file than the hub names: it has ${meaning.sizeBytes} bytes instead of ${have.sizeBytes}.`,
      );
    await this.#empty();
    if (meaning.kind === "discard") throw new Trouble("again", `${host} has another file by now.`);
    // Before the first byte: what is on the disk is always of the ETag that is kept.
    const change = {
      etag: headers.get("etag"),
      sizeBytes: meaning.sizeBytes ?? (have.hasSum ? have.sizeBytes : null),
    };
    await this.#context.save(change);
    this.#follow();
    return undefined;
  }

  async #read({ body, host }: SourceAnswer): Promise<void> {
    let uncheckedBytes = spaceCheckBytes;
    for await (const batch of batchesOf(body, host)) {
      if (uncheckedBytes >= spaceCheckBytes) {
        await this.#context.checkSpace();
        uncheckedBytes = 0;
      }
      const before = this.#part.sizeBytes;
      await this.#part.append(batch);
      uncheckedBytes += this.#part.sizeBytes - before;
      this.#hash?.grewTo(this.#part.sizeBytes);
      this.#context.onBytes(this.#part.sizeBytes);
    }
  }

  async #empty(): Promise<void> {
    await this.#hash?.stop();
    this.#hash = null;
    await this.#part.empty();
    this.#context.onBytes(0);
  }

  #follow(): void {
    this.#context.onTrouble(null);
    if (this.#file.sha256 === null) return;
    this.#hash ??= new FileHash(this.#context.names.part);
    this.#hash.grewTo(this.#part.sizeBytes);
  }
}

/** The promise's value, or the signal's reason as soon as it is aborted. */
function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
