/** Child processes of the bench: each has a group of its own, a log, and an end. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const gracefulMs = 15_000;

export interface Child {
  pid: number;
  process: ChildProcess;
  logFile: string;
}

const running = new Set<Child>();

/** Lets no child outlive this process, however it is told to end, and calls `cleanUp` after the last one. */
export function endChildrenOnExit(cleanUp: () => void): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  process.once("exit", () => {
    for (const child of running) killGroup(child);
    cleanUp();
  });
}

/**
 * Starts a process in a process group of its own, its output going to a file.
 * @throws Error when it cannot be started
 */
export function startChild(command: readonly string[], options: ChildOptions): Child {
  const [program, ...args] = command;
  if (program === undefined) throw new Error("An empty command.");
  const log = openSync(options.logFile, "a");
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", log, log, ...(options.ipc ? ["ipc" as const] : [])],
    detached: true,
  });
  closeSync(log);
  if (child.pid === undefined) throw new Error(`${program} could not be started.`);
  const started = { pid: child.pid, process: child, logFile: options.logFile };
  running.add(started);
  child.once("exit", () => running.delete(started));
  return started;
}

export interface ChildOptions {
  logFile: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  ipc?: boolean;
}

/** Asks the process to end, and ends its whole group when it does not. */
export async function stopChild(child: Child): Promise<void> {
  if (!running.has(child)) return;
  const ended = once(child.process, "exit");
  child.process.kill("SIGTERM");
  const late = new AbortController();
  await Promise.race([
    ended,
    sleep(gracefulMs, undefined, { signal: late.signal }).then(() => killGroup(child)),
  ]);
  await ended;
  late.abort();
}

function killGroup({ pid }: Child): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended in this moment.
  }
}

/** The end of a process' output, for error messages. */
export function logTail({ logFile }: Child): string {
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-15).join("\n");
}

/** A port on which nothing listens now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port could be had.");
  return address.port;
}

/** The first of `count` ports in a row on which nothing listens now. */
export async function freePortRange(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`No ${count} free ports in a row could be found.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
