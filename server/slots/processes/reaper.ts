/** The process that outlives the gateway just long enough to end its engines, whatever ended the gateway. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Logger } from "pino";
import { posixReaper, windowsReaper } from "./reaper-script.ts";

export class Reaper {
  readonly #pids = new Set<number>();
  #child: ChildProcess | null = null;
  #closed = false;

  /** @param variables the environment it gets */
  constructor(
    readonly variables: NodeJS.ProcessEnv,
    readonly log: Logger,
  ) {}

  /** The reaper's own process; null while there is none. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Registers a process (and its group) to be ended with the gateway. Resolves when the reaper has been told. */
  add(pid: number): Promise<void> {
    this.#pids.add(pid);
    return this.#tell(`add ${pid}\n`);
  }

  /** Forgets a process that has ended. */
  remove(pid: number): void {
    if (this.#pids.delete(pid)) this.#tell(`del ${pid}\n`).catch(() => undefined);
  }

  /** Lets the reaper go; what is still registered is ended by it. */
  close(): void {
    this.#closed = true;
    this.#child?.stdin?.end();
    this.#child?.unref();
  }

  #tell(line: string): Promise<void> {
    const stdin = (this.#child ?? this.#start()).stdin;
    return new Promise((resolve, reject) => {
      if (!stdin) reject(new Error("The reaper has no input."));
      else stdin.write(line, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** It runs in a session of its own, so that a signal to the gateway's group does not reach it. */
  #start(): ChildProcess {
    const [command, args] =
      process.platform === "win32"
        ? [process.execPath, ["-e", windowsReaper, "taskkill", "/T", "/F", "/PID"]]
        : ["/bin/sh", ["-c", posixReaper, "llm-gateway-reaper"]];
    const child = spawn(command, args, {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
      windowsHide: true,
      env: this.variables,
    });
    this.#child = child;
    // A write after its end fails by its callback; without a listener the error would end the gateway.
    child.stdin?.on("error", () => undefined);
    child.on("error", (error) => this.log.error(error, "The reaper could not be started."));
    child.on("exit", () => this.#replace(child));
    child.unref();
    return child;
  }

  /** Somebody ended the reaper: the engines need another one at once. */
  #replace(ended: ChildProcess): void {
    if (this.#child === ended) this.#child = null;
    if (this.#closed || this.#pids.size === 0) return;
    this.log.warn("The reaper ended unexpectedly and is replaced.");
    for (const pid of this.#pids)
      this.#tell(`add ${pid}\n`).catch((error) => this.log.error(error, "The reaper could not be told."));
  }
}
