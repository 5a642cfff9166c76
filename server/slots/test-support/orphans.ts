/** Kills a gateway's slots at chosen moments and looks for what is left of them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { llamaServerPath, tinyModels } from "../../../tests/fixtures/index.ts";
import { createDataDir, eventually, freePorts } from "./rig.ts";

export type Blow = "kill" | "kill the group" | "terminate" | "interrupt";

/** Bundles the parent once: it starts in a tenth of a second then. Returns its path. */
export async function bundleParent(folder: string): Promise<string> {
  const outfile = path.join(folder, "parent.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("parent.ts", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  return outfile;
}

/** From the parent's start, or from its first engine: on a busy machine that comes late. */
export interface Moment {
  afterMs: number;
  from: "start" | "first engine";
}

/**
 * Starts a parent, strikes after a while, and waits until nothing of it is left.
 * @returns how many engine processes there were when it was struck
 * @throws Error where something is left after 5 s, or where a polite end did not exit with 0
 */
export async function strike(parent: string, blow: Blow, { afterMs, from }: Moment): Promise<number> {
  const dataDir = await createDataDir(await tinyModels());
  try {
    const ports = (await freePorts()).map(String);
    const child = spawn(process.execPath, [parent, dataDir, await llamaServerPath(), ...ports], {
      detached: true,
      stdio: "ignore",
    });
    const exited = once(child, "exit");
    const engines = async () => (await processesOf(dataDir)).filter((pid) => pid !== child.pid).length;
    if (from === "first engine")
      await eventually("an engine is begun", async () => (await engines()) || undefined);
    await sleep(afterMs);
    const before = await engines();
    if (child.pid === undefined) throw new Error("There is no parent.");
    if (blow === "kill") process.kill(child.pid, "SIGKILL");
    if (blow === "kill the group") process.kill(-child.pid, "SIGKILL");
    if (blow === "terminate") process.kill(child.pid, "SIGTERM");
    if (blow === "interrupt") process.kill(child.pid, "SIGINT");
    const [code] = await exited;
    await eventually(`nothing is left (${blow}, ${afterMs} ms from ${from})`, async () =>
      (await processesOf(dataDir)).length === 0 ? true : undefined,
    );
    // Before its handlers are there, a signal simply ends it.
    if ((blow === "terminate" || blow === "interrupt") && code !== 0 && code !== null)
      throw new Error(`It ended with exit code ${code}.`);
    return before;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/**
 * Leaves engines behind for real: the reaper is stopped before it can notice that its gateway is gone, then killed.
 * @returns the data folder of the dead gateway
 */
export async function abandon(parent: string): Promise<string> {
  const dataDir = await createDataDir(await tinyModels());
  const ports = (await freePorts()).map(String);
  const child = spawn(process.execPath, [parent, dataDir, await llamaServerPath(), ...ports], {
    detached: true,
    stdio: "ignore",
  });
  const exited = once(child, "exit");
  // The parent, and two engines that are past their stubs: it restarts no more than one at a time.
  await eventually("engines run", async () =>
    (await processesOf(dataDir, (line) => !line.includes("read -r word"))).length > 2 ? true : undefined,
  );
  const reaper = await eventually("there is a reaper", () => reaperOf(child.pid ?? 0));
  process.kill(reaper, "SIGSTOP");
  child.kill("SIGKILL");
  await exited;
  process.kill(reaper, "SIGKILL");
  return dataDir;
}

async function reaperOf(parentPid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${parentPid}/task/${parentPid}/children`, "utf8").catch(() => "");
  for (const pid of children.trim().split(" ").filter(Boolean)) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.includes("llm-gateway-reaper")) return Number(pid);
  }
  return undefined;
}

/** Every process that names this folder on its command line: the parent, stubs and engines. */
export async function processesOf(
  dataDir: string,
  isMeant: (line: string) => boolean = () => true,
): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return pids.filter((_, index) => lines[index]?.includes(dataDir) && isMeant(lines[index])).map(Number);
}
