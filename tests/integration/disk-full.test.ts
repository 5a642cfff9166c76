/** A data folder on a full disk: nothing is lost, nothing is given away, and it mends itself. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { canMount, testInNamespace } from "../../server/database/testing/mounting.ts";
import { limitFileSizes, mountSmallDisk } from "../../server/database/testing/small-disk.ts";
import { chat, hello } from "../harness/chat.ts";
import { fillDataFolder, unlimited } from "../harness/data-folder.ts";
import { databaseFaults, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { freePorts } from "../harness/port.ts";
import { waitFor } from "../harness/wait.ts";

testInNamespace(import.meta.filename);

/** Room for an empty database and what a few requests add to it. */
const sizeMegabytes = 12;

let gateway: Gateway;
let engine: MockEngine;
const disk = canMount ? mountSmallDisk(sizeMegabytes) : limitFileSizes(() => gateway.pid);
const dataDir = disk.folder;

beforeAll(async () => {
  const slotPorts = await freePorts(7);
  await fillDataFolder(dataDir, slotPorts, unlimited);
  engine = await mockEngine();
  gateway = await startGateway({ dataDir, slotPorts });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
});
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
  disk.remove();
});

test.runIf(process.platform === "linux")(
  "a full disk refuses new requests with 503, and everything goes on once there is room",
  async () => {
    const user = await gateway.createUser();
    const target = { url: gateway.url, key: user.apiKey };
    const body = { ...hello, model: "mock" };
    expect((await chat(target, body)).status).toBe(200);
    disk.fill();
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
    disk.free();
    await waitFor("requests to be answered again", async () => (await chat(target, body)).status === 200, {
      timeoutMs: 20_000,
    });
    // What the engine did while nothing could be written is recorded afterwards.
    await waitFor(
      "every request to be recorded",
      () =>
        usageOf(dataDir, user.id).filter((row) => row.outcome !== "refused").length ===
        engine.requests.length,
    );
    expect(databaseFaults(dataDir)).toEqual([]);
  },
  60_000,
);
