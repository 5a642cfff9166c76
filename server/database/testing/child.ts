/** A program of the tests in a process of its own, to be killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

export interface Child {
  process: ChildProcess;
  /** Its standard output by lines, to its end. */
  lines: AsyncIterable<string>;
  /** Resolves with the exit code, null after a signal. */
  ended: Promise<number | null>;
}

/** Starts `testing/{name}.ts` with these arguments. */
export function startChild(name: string, ...input: string[]): Child {
  return startChildProgram(path.join(import.meta.dirname, `${name}.ts`), ...input);
}

/** Starts a program of the tests, by its absolute path. */
export function startChildProgram(file: string, ...input: string[]): Child {
  const child = spawn(process.execPath, ["--import", "tsx", file, ...input], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return {
    process: child,
    lines: createInterface(child.stdout),
    ended: once(child, "exit").then(([code]) => code),
  };
}
