/** Minutes of mixed traffic: nothing may grow, nothing may be lost, and nobody may see an error of ours. */
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type ChatTarget, chat, counting, hello, openStream, postJson } from "../harness/chat.ts";
import { unlimited } from "../harness/data-folder.ts";
import { databaseFaults, queryDatabase } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { residentBytes } from "../harness/processes.ts";
import { waitFor } from "../harness/wait.ts";

const soakMs = 150_000;
const sampleEveryMs = 5_000;
/** Until code is compiled and pools are filled, growth says nothing. */
const settlingMs = 50_000;
const clients = 16;
const megabyte = 1024 * 1024;

/** One piece of traffic; resolves with the status, or null where the client left. */
type Visit = (target: ChatTarget) => Promise<number | null>;

const model = "tiny-text";

/** `outcome` is how its usage row must end; null for a refusal before any engine, which has no row. */
const visits: { outcome: "ok" | "client_left" | null; status: number | null; visit: Visit }[] = [
  {
    outcome: "ok",
    status: 200,
    visit: async (target) => {
      const response = await chat(target, { ...hello, model });
      await response.json();
      return response.status;
    },
  },
  {
    outcome: "ok",
    status: 200,
    visit: async (target) => {
      const stream = await openStream(target, { ...hello, model });
      expect((await stream.rest()).at(-1)).toBe("[DONE]");
      return stream.response.status;
    },
  },
  {
    outcome: "client_left",
    status: null,
    visit: async (target) => {
      const stream = await openStream(target, { ...counting, model });
      await stream.next();
      stream.leave();
      return null;
    },
  },
  {
    outcome: null,
    status: 400,
    visit: async (target) => {
      const response = await postJson(`${target.url}/v1/chat/completions`, target.key, '{"messages": 3}');
      await response.text();
      return response.status;
    },
  },
  {
    outcome: null,
    status: 401,
    visit: async (target) => {
      const response = await chat({ ...target, key: `sk-${"0".repeat(48)}` }, { ...hello, model });
      await response.text();
      return response.status;
    },
  },
];

interface Sample {
  rssBytes: number;
  openFiles: number;
}

function sample({ pid }: Gateway): Sample {
  return { rssBytes: residentBytes(pid), openFiles: readdirSync(`/proc/${pid}/fd`).length };
}

test("memory, files and the books after minutes of mixed traffic", async () => {
  await using gateway = await startGateway({ config: unlimited });
  const { pid } = await gateway.loadModel(0, { model_path: `${model}.gguf`, parallel: 4 });
  const target = {
    url: gateway.url,
    key: (await gateway.createUser({ tier: "payg", balance: 1000 })).apiKey,
  };
  const endMs = performance.now() + soakMs;
  const counts = visits.map(() => 0);
  const traffic = Array.from({ length: clients }, async (_, client) => {
    for (let turn = client; performance.now() < endMs; turn++) {
      const index = turn % visits.length;
      const kind = visits[index];
      if (!kind) throw new Error("Every turn has its visit.");
      expect(await kind.visit(target)).toBe(kind.status);
      counts[index] = (counts[index] ?? 0) + 1;
    }
  });
  const samples = takeSamples(gateway, endMs);
  await Promise.all([...traffic, samples]);

  const settled = (await samples).slice(Math.ceil(settlingMs / sampleEveryMs));
  const half = Math.floor(settled.length / 2);
  const [early, late] = [settled.slice(0, half), settled.slice(half)];
  const lowestRss = (part: Sample[]) => Math.min(...part.map(({ rssBytes }) => rssBytes));
  console.log({ counts, rssMegabytes: settled.map(({ rssBytes }) => Math.round(rssBytes / megabyte)) });
  // The lowest of each half, so that garbage which was not yet collected counts in neither.
  expect(lowestRss(late) - lowestRss(early)).toBeLessThan(10 * megabyte);
  expect(Math.max(...late.map(({ openFiles }) => openFiles))).toBeLessThanOrEqual(
    Math.max(...early.map(({ openFiles }) => openFiles)) + clients,
  );

  await waitFor("the engine to be free", async () => (await gateway.slotState(0)).in_flight === 0);
  expect((await gateway.slotState(0)).pid).toBe(pid);
  for (const outcome of ["ok", "client_left"] as const) {
    const made = visits.reduce(
      (sum, kind, at) => sum + (kind.outcome === outcome ? (counts[at] ?? 0) : 0),
      0,
    );
    const rows = queryDatabase<{ count: number }>(
      gateway.dataDir,
      "SELECT count(*) AS count FROM usage WHERE outcome = ?",
      outcome,
    );
    expect(made).toBeGreaterThan(100);
    expect(rows).toEqual([{ count: made }]);
  }
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
}, 300_000);

async function takeSamples(gateway: Gateway, endMs: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (performance.now() < endMs) {
    await sleep(sampleEveryMs);
    samples.push(sample(gateway));
  }
  return samples;
}
