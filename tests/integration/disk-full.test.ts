/** A data folder on a full disk: nothing is lost, nothing is given away, and it mends itself. */
import { execFileSync } from "node:child_process";
import { open, rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, hello } from "../harness/chat.ts";
import { fillDataFolder, temporaryFolder, unlimited } from "../harness/data-folder.ts";
import { databaseFaults, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { freePorts } from "../harness/port.ts";
import { waitFor } from "../harness/wait.ts";

let dataDir: string;
let gateway: Gateway;
let engine: MockEngine;
let mounted = false;

beforeAll(async () => {
  dataDir = await temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m,mode=0700", "tmpfs", dataDir], { stdio: "pipe" });
  } catch (error) {
    throw new Error("This test mounts a small tmpfs, which needs root (in a container: CAP_SYS_ADMIN).", {
      cause: error,
    });
  }
  mounted = true;
  const slotPorts = await freePorts(7);
  await fillDataFolder(dataDir, slotPorts, unlimited);
  engine = await mockEngine();
  gateway = await startGateway({ dataDir, slotPorts });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
});
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
  if (mounted) execFileSync("umount", ["--lazy", dataDir]);
  await rm(dataDir, { recursive: true, force: true });
});

/** Writes until the disk takes no byte more. */
async function fillDisk(file: string): Promise<void> {
  const handle = await open(file, "w");
  try {
    for (let size = 1_048_576; size >= 1; size = Math.floor(size / 2))
      while (
        await handle.write(Buffer.alloc(size)).then(
          ({ bytesWritten }) => bytesWritten === size,
          () => false,
        )
      );
  } finally {
    await handle.close();
  }
}

test("a full disk refuses new requests with 503, and everything goes on once there is room", async () => {
  const user = await gateway.createUser();
  const target = { url: gateway.url, key: user.apiKey };
  const body = { ...hello, model: "mock" };
  expect((await chat(target, body)).status).toBe(200);
  const filler = path.join(dataDir, "filler");
  await fillDisk(filler);
  const refused = await waitFor(
    "requests to be refused",
    async () => {
      const response = await chat(target, body, AbortSignal.timeout(2000)).catch(() => null);
      return response?.status === 503 ? response : false;
    },
    { timeoutMs: 20_000 },
  );
  expect(await refused.json()).toMatchObject({
    error: { code: "storage_unavailable", type: "server_error" },
  });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect((await gateway.fetch("/health")).status).toBe(200);
  await rm(filler);
  await waitFor("requests to be answered again", async () => (await chat(target, body)).status === 200, {
    timeoutMs: 20_000,
  });
  // What the engine did while nothing could be written is recorded afterwards.
  await waitFor(
    "every request to be recorded",
    () =>
      usageOf(dataDir, user.id).filter((row) => row.outcome !== "refused").length === engine.requests.length,
  );
  expect(databaseFaults(dataDir)).toEqual([]);
}, 60_000);
