/** The SHA-256 of a file that is still being written, made in a thread of its own. */
import { Worker } from "node:worker_threads";

/** Beside `server.mjs` in the built program, too. */
const workerFile = new URL("./hash-worker.mjs", import.meta.url);

/**
 * Follows a file as it grows, so that its sum is there soon after its last byte; what was there before is read again.
 * Call `sum` or `stop` at the end.
 */
export class FileHash {
  readonly #worker: Worker;
  readonly #sum: Promise<string>;

  /** @param file absolute; it is there, and only ever grows */
  constructor(file: string) {
    // Flags of this process, as `--import tsx`, are nothing to it.
    this.#worker = new Worker(workerFile, { workerData: { file }, execArgv: [] });
    this.#worker.unref();
    this.#sum = new Promise((resolve, reject) => {
      this.#worker.once("message", resolve);
      this.#worker.once("error", reject);
      this.#worker.once("exit", () => reject(new Error("The hash thread ended.")));
    });
    // Nobody may be waiting for the sum when the thread ends.
    this.#sum.catch(() => undefined);
  }

  /** The file has so many bytes now. */
  grewTo(bytes: number): void {
    this.#worker.postMessage({ toBytes: bytes, isEnd: false });
  }

  /** The sum in hexadecimal. @throws Error where the file cannot be read */
  sum(bytes: number): Promise<string> {
    this.#worker.ref();
    this.#worker.postMessage({ toBytes: bytes, isEnd: true });
    return this.#sum;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
