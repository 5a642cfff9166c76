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
const longestStartMs = 2_500;
/** How long a gateway works at most after its first answer. */
const longestWorkMs = 1_000;
/** For the first answer, on a machine that is busy with other things. */
const answerMs = 30_000;

export interface Cycles {
  /** Answers that were complete before the gateway died; each of them was looked for in the usage. */
  answers: number;
  /** In words; empty where all is well. */
  faults: string[];
}

interface Death {
  /** After its first answer; else at any moment of its start. */
  atWork: boolean;
  /** Its whole process group is killed with it. */
  withGroup: boolean;
}

interface Life {
  lastedMs: number;
  /** Ids of the requests whose answers were complete. */
  requestIds: string[];
  faults: string[];
}

/**
 * Starts and kills a gateway again and again on one data folder, with engines loading and requests running. In turns it
 * dies at any moment of its start and at its work, alone and with its group.
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
      const gateway = await launchGateway({ dataDir, slotPorts });
      const life = await liveAndDie(gateway, { atWork: cycle % 2 === 1, withGroup: cycle % 4 >= 2 });
      result.answers += life.requestIds.length;
      const faults = [...life.faults, ...(await whatIsLeft(dataDir, life.requestIds))];
      const label = `cycle ${cycle}, killed after ${life.lastedMs.toFixed(0)} ms`;
      result.faults.push(...faults.map((fault) => `${label}: ${fault}`));
    }
    return result;
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function liveAndDie(gateway: Gateway, { atWork, withGroup }: Death): Promise<Life> {
  const startedMs = performance.now();
  const life: Life = { lastedMs: 0, requestIds: [], faults: [] };
  const traffic = use(gateway, life.requestIds).catch((error: Error) => life.faults.push(error.message));
  if (atWork)
    await waitFor("an answer", () => life.requestIds.length > 0, { timeoutMs: answerMs }).catch(
      (error: Error) => life.faults.push(error.message),
    );
  await sleep(Math.random() * (atWork ? longestWorkMs : longestStartMs));
  if (gateway.isRunning) process.kill(withGroup ? -gateway.pid : gateway.pid, "SIGKILL");
  else life.faults.push(`it ended by itself:\n${gateway.logs()}`);
  life.lastedMs = performance.now() - startedMs;
  await gateway.exited;
  await traffic;
  return life;
}

/** Uses the gateway until it dies, and notes the ids of the requests whose answers are complete. */
async function use(gateway: Gateway, requestIds: string[]): Promise<void> {
  const isReady = async () => !gateway.isRunning || (await gateway.fetch("/health")).ok;
  await waitFor("the gateway", isReady, { timeoutMs: answerMs });
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
}

async function whatIsLeft(dataDir: string, requestIds: string[]): Promise<string[]> {
  const faults = await leftBehind(dataDir);
  if (!hasUsageTable(dataDir)) return requestIds.length === 0 ? faults : [...faults, "there is no database"];
  faults.push(...databaseFaults(dataDir));
  const recorded = "SELECT 1 FROM usage WHERE request_id = ? AND outcome = 'ok' AND completion_tokens > 0";
  for (const id of requestIds)
    if (queryDatabase(dataDir, recorded, id).length !== 1)
      faults.push(`request ${id} was answered and is not in the usage`);
  return faults;
}

/** A gateway that dies early leaves none, or an empty file. */
function hasUsageTable(dataDir: string): boolean {
  if (!existsSync(path.join(dataDir, "gateway.db"))) return false;
  return queryDatabase(dataDir, "SELECT name FROM sqlite_schema WHERE name = 'usage'").length > 0;
}
