/** Calls into one database thread. */
import { Worker, type WorkerOptions } from "node:worker_threads";
import { DatabaseError } from "../../lib/data/types.ts";
import type { MigrateResult } from "./migrate.ts";
import { fromSource, workerFile } from "./paths.ts";
import {
  type AnswerMessage,
  type CallMessage,
  fromWireError,
  type ThreadMessage,
  type ThreadOptions,
} from "./protocol.ts";

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface RunningThread {
  worker: Worker;
  migrated: MigrateResult;
}

/** A thread that starts with the first call, and again after it died. */
export class ThreadClient {
  readonly #options: ThreadOptions;
  readonly #pending = new Map<number, PendingCall>();
  #running: RunningThread | undefined;
  #starting: Promise<RunningThread> | undefined;
  readonly #idle: (() => void)[] = [];
  #nextId = 1;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /**
   * Starts the thread if it does not run.
   * @throws Error with the thread's own words, as when the database is of a newer version
   */
  start(): Promise<RunningThread> {
    this.#starting ??= this.#launch();
    return this.#starting;
  }

  /** Calls a function in the thread. @throws GatewayError as the query threw it, else DatabaseError */
  call(name: string, ...input: unknown[]): Promise<unknown> {
    if (this.#running) return this.#send(this.#running.worker, name, input);
    return this.start().then(({ worker }) => this.#send(worker, name, input));
  }

  /** Waits for the calls under way, closes the connection and waits for the thread's end. */
  async close(): Promise<void> {
    if (!this.#starting) return;
    const { worker } = await this.#starting;
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    while (this.#pending.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await this.#send(worker, "close", []);
    await ended;
  }

  #send(worker: Worker, name: string, input: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      worker.postMessage({ id, name, input } satisfies CallMessage);
      this.#pending.set(id, { resolve, reject });
    });
  }

  #launch(): Promise<RunningThread> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(workerFile, workerOptions(this.#options));
      let failure = new DatabaseError("The database thread ended.", "DATABASE_CLOSED");
      worker.on("message", (message: ThreadMessage) => {
        if (message.kind === "ready") {
          this.#running = { worker, migrated: message.migrated };
          resolve(this.#running);
        } else if (message.kind === "failed") reject(new Error(message.message));
        else this.#answer(message);
      });
      worker.on("error", (error) => {
        failure = new DatabaseError(`The database thread failed: ${error.message}`, "DATABASE_CLOSED");
      });
      worker.once("exit", () => {
        this.#running = undefined;
        this.#starting = undefined;
        reject(failure);
        for (const call of this.#pending.values()) call.reject(failure);
        this.#pending.clear();
        this.#tellIdle();
      });
    });
  }

  #answer(message: AnswerMessage): void {
    const call = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === "result") call?.resolve(message.value);
    else call?.reject(fromWireError(message.error));
    if (this.#pending.size === 0) this.#tellIdle();
  }

  #tellIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** Flags of this process, as `--import tsx`, do not suit the worker that starts from source. */
function workerOptions(workerData: ThreadOptions): WorkerOptions {
  return fromSource ? { workerData, execArgv: [] } : { workerData };
}
