/** One engine as an operating system process: it runs in a group of its own and cannot outlive the gateway. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { EngineLog } from "../engine-log.ts";
import { signalTree } from "./end-tree.ts";
import type { PidFiles } from "./pid-files.ts";
import type { Reaper } from "./reaper.ts";
import { startStub } from "./reaper-script.ts";

export interface EngineCommand {
  /** The program's path. */
  command: string;
  args: readonly string[];
  /** All of the environment that the engine gets. */
  variables: NodeJS.ProcessEnv;
  /** The slot it runs in. */
  port: number;
}

export interface ProcessServices {
  reaper: Reaper;
  pidFiles: PidFiles;
}

export interface EngineExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Its output may still come for this long after its end; a grandchild could hold the pipe open for ever. */
const outputMs = 200;

export class EngineProcess {
  /** Resolves when the process is gone, with all it started. */
  readonly exited: Promise<EngineExit>;

  private constructor(
    readonly pid: number,
    child: ChildProcess,
    services: ProcessServices,
    port: number,
  ) {
    this.exited = ended(child, pid).then(async (exit) => {
      services.reaper.remove(pid);
      await services.pidFiles.remove(port);
      return exit;
    });
  }

  /**
   * Starts an engine. Its group is registered with the reaper, and noted on disk, before the engine itself runs.
   * @throws Error when there is no process to be had
   */
  static async start(
    command: EngineCommand,
    log: EngineLog,
    services: ProcessServices,
  ): Promise<EngineProcess> {
    const child = launch(command);
    child.stdin?.on("error", () => undefined);
    for (const output of [child.stdout, child.stderr]) output?.on("data", log.writer());
    await once(child, "spawn");
    if (child.pid === undefined) throw new Error("The engine could not be started.");
    const engine = new EngineProcess(child.pid, child, services, command.port);
    try {
      await services.pidFiles.write(command.port, child.pid);
      await services.reaper.add(child.pid);
      child.stdin?.end("go\n");
    } catch (error) {
      await engine.kill();
      throw error;
    }
    return engine;
  }

  /** Asks it to end, and forces it after `graceMs`; llama-server ignores the request while it is busy. */
  async stop(graceMs: number): Promise<void> {
    signalTree(this.pid, "SIGTERM");
    const force = setTimeout(() => signalTree(this.pid, "SIGKILL"), graceMs);
    await this.exited.finally(() => clearTimeout(force));
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    signalTree(this.pid, "SIGKILL");
    await this.exited;
  }
}

function launch({ command, args, variables }: EngineCommand): ChildProcess {
  const options = { env: variables, detached: true, windowsHide: true } as const;
  if (process.platform === "win32")
    return spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const stubbed = ["-c", startStub, "engine", command, ...args];
  return spawn("/bin/sh", stubbed, { ...options, stdio: ["pipe", "pipe", "pipe"] });
}

async function ended(child: ChildProcess, pid: number): Promise<EngineExit> {
  const closed = once(child, "close");
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  // What the engine started, and left running, goes with it.
  if (process.platform !== "win32") signalTree(pid, "SIGKILL");
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, outputMs))]);
  return { code, signal };
}
