/** Runs the real llama-server into the ground, and looks at what is left: the facts that the doctor gets. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { engineVariables } from "../../../lib/engine-variables.ts";
import { llamaServerPath } from "../../../tests/fixtures/index.ts";
import type { EndFacts } from "../doctor/facts.ts";
import { EngineLog } from "../engine-log.ts";

export interface Provocation {
  /** Arguments of llama-server, besides those that make it quiet and small. */
  args: readonly string[];
  /** Bytes of address space that it may have. */
  memoryBytes?: number;
  /** Another program in its place. */
  program?: string;
  /** Called when it has answered a request. */
  onReady?: (engine: { pid: number; ask: () => Promise<unknown> }) => unknown;
  settings?: EndFacts["settings"];
}

const usual = [
  "--host",
  "127.0.0.1",
  "--port",
  "0",
  "--no-ui",
  "--offline",
  "--parallel",
  "1",
  "--threads",
  "1",
];
const listening = /listening on (http:\S+)/;
const question = JSON.stringify({ prompt: "hello", n_predict: 1 });
/** After this it has not failed. */
const limitMs = 20_000;

/** @returns what a slot would know of its end */
export async function provoke(folder: string, provocation: Provocation): Promise<EndFacts> {
  const { args, memoryBytes, onReady, settings = null } = provocation;
  const program = provocation.program ?? (await llamaServerPath());
  const limit = memoryBytes === undefined ? "" : `ulimit -v ${Math.floor(memoryBytes / 1024)}; `;
  const log = new EngineLog(path.join(folder, "engine.log"));
  const child = spawn("/bin/sh", ["-c", `${limit}exec "$@"`, "engine", program, ...usual, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: engineVariables(process.env),
  });
  let wasReady = false;
  const write = log.writer();
  const onOutput = async (chunk: Buffer) => {
    write(chunk);
    const url = log.last(20).join("\n").match(listening)?.[1];
    if (wasReady || !onReady || !url) return;
    wasReady = true;
    const ask = () => fetch(`${url}/completion`, { method: "POST", body: question }).catch(() => null);
    await ask();
    await onReady({ pid: child.pid ?? 0, ask });
  };
  for (const output of [child.stdout, child.stderr]) output.on("data", (chunk) => void onOutput(chunk));
  const tooLong = setTimeout(() => child.kill("SIGUSR2"), limitMs);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  clearTimeout(tooLong);
  await log.flush();
  const exit = { code, signal };
  return { known: null, exit, isOutOfMemoryKill: false, wasReady, lines: log.last(500), settings };
}
