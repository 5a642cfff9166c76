/** Kills a gateway at a random moment of its life, and looks at what is left. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chat, counting, hello, openStream } from "./chat.ts";
import { fillDataFolder, modelFiles, temporaryFolder, unlimited } from "./data-folder.ts";
import { databaseFaults, queryDatabase } from "./database.ts";
import { type Gateway, launchGateway } from "./gateway.ts";
import { leftBehind } from "./left-behind.ts";
import { freePorts } from "./port.ts";
import { waitFor } from "./wait.ts";

/** A start with two models takes about half of this. */
const longestLifeMs = 2_500;

export interface Cycles {
  /** How often an answer was complete before the gateway died. */
  answers: number;
  /** In words; empty where all is well. */
  faults: string[];
}

/**
 * Starts and kills a gateway again and again on one data folder, with engines loading and requests running. Every
 * other time its whole process group is killed.
 */
export async function dieRepeatedly(times: number): Promise<Cycles> {
  const dataDir = await temporaryFolder();
  const slotPorts = await freePorts(7);
  const [first, second] = slotPorts;
  const slots = {
    [`${first}`]: { model_path: modelFiles.text },
    [`${second}`]: { model_path: modelFiles.smol },
  };
  await fillDataFolder(dataDir, slotPorts, { ...unlimited, slots });
  const result: Cycles = { answers: 0, faults: [] };
  try {
    for (let cycle = 0; cycle < times; cycle++) {
      const lifeMs = Math.random() * longestLifeMs;
      const gateway = await launchGateway({ dataDir, slotPorts });
      const answered = traffic(gateway);
      await sleep(lifeMs);
      if (!gateway.isRunning) result.faults.push(`cycle ${cycle}: it ended by itself:\n${gateway.logs()}`);
      process.kill(cycle % 2 === 0 ? gateway.pid : -gateway.pid, "SIGKILL");
      await gateway.exited;
      const requestIds = await answered;
      result.answers += requestIds.length;
      const label = `cycle ${cycle}, killed after ${lifeMs.toFixed(0)} ms`;
      result.faults.push(...(await whatIsLeft(dataDir, requestIds)).map((fault) => `${label}: ${fault}`));
    }
    if (!existsSync(path.join(dataDir, "gateway.db")))
      result.faults.push("no cycle lived to make a database");
    return result;
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Uses the gateway until it dies. @returns ids of the requests whose answers were complete */
async function traffic(gateway: Gateway): Promise<string[]> {
  const requestIds: string[] = [];
  try {
    await waitFor("the gateway", async () => (await gateway.fetch("/health")).ok, {
      timeoutMs: longestLifeMs,
    });
    const target = { url: gateway.url, key: gateway.adminKey };
    const streams = [1, 2].map(async () =>
      (await openStream(target, { ...counting, model: "tiny-text" })).rest(),
    );
    const loading = gateway.loadModel(2, { model_path: modelFiles.think });
    const asking = (async () => {
      while (gateway.isRunning) {
        const response = await chat(target, { ...hello, model: "tiny-text" });
        await response.text();
        if (response.ok) requestIds.push(response.headers.get("x-request-id") ?? "none");
      }
    })();
    await Promise.allSettled([...streams, loading, asking]);
  } catch {
    // It died before it was ready.
  }
  return requestIds;
}

async function whatIsLeft(dataDir: string, requestIds: string[]): Promise<string[]> {
  const faults = await leftBehind(dataDir);
  if (!existsSync(path.join(dataDir, "gateway.db"))) return faults;
  const tables = queryDatabase<{ name: string }>(
    dataDir,
    "SELECT name FROM sqlite_schema WHERE name = 'usage'",
  );
  if (tables.length === 0) return faults;
  faults.push(...databaseFaults(dataDir));
  for (const id of requestIds)
    if (queryDatabase(dataDir, "SELECT 1 FROM usage WHERE request_id = ?", id).length !== 1)
      faults.push(`request ${id} was answered and is not in the usage`);
  return faults;
}
