/** Live events of a whole gateway, and what it writes down of its own uptime. */
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { modelFiles } from "../harness/data-folder.ts";
import { queryDatabase } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { waitFor } from "../harness/wait.ts";

let gateway: Gateway;
afterEach(async () => gateway[Symbol.asyncDispose]());

interface Span {
  started_at_ms: number;
  seen_at_ms: number;
}

const spans = () =>
  queryDatabase<Span>(gateway.dataDir, "SELECT started_at_ms, seen_at_ms FROM uptime_spans ORDER BY id");

/** A socket that watches slots; its messages are gathered. */
async function watch() {
  const headers = { authorization: `Bearer ${gateway.adminKey}` };
  const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/admin/api/events`, { headers });
  const states: string[] = [];
  socket.on("message", (data) => {
    const [slot] = JSON.parse(data.toString()).data.slots;
    if (states.at(-1) !== slot.status) states.push(slot.status);
  });
  await once(socket, "open");
  socket.send(JSON.stringify({ subscribe: ["slots"] }));
  return { socket, states };
}

test("a model's way to ready and back is told as it happens; a shutdown says goodbye and ends the uptime", async () => {
  gateway = await startGateway();
  const { socket, states } = await watch();
  await waitFor("the snapshot", () => states.length === 1);
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await waitFor("the slot to be told ready", () => states.at(-1) === "ready");
  await gateway.admin("POST", `slots/${gateway.slot(0)}/unload`);
  await waitFor("the slot to be told empty", () => states.at(-1) === "empty");
  expect(states[0]).toBe("empty");

  const closed = once(socket, "close");
  const beforeMs = Date.now();
  const exit = gateway.stop();
  expect((await closed)[0]).toBe(1012);
  expect(await exit).toBe(0);
  const [span, ...others] = spans();
  expect(others).toEqual([]);
  // The exact end, though the last beat was seconds ago.
  expect(span?.seen_at_ms).toBeGreaterThanOrEqual(beforeMs);
  expect(span?.seen_at_ms).toBeLessThanOrEqual(Date.now());
});

test("each run is a stretch of uptime, also after a kill", async () => {
  gateway = await startGateway();
  await gateway.kill9();
  const downMs = Date.now();
  const { dataDir, slotPorts } = gateway;
  await using next = await startGateway({ dataDir, slotPorts });
  const upMs = Date.now();
  expect(await next.stop()).toBe(0);
  const [killed, ended, ...others] = spans();
  expect(others).toEqual([]);
  expect(killed?.seen_at_ms).toBeLessThanOrEqual(downMs);
  expect(ended?.started_at_ms).toBeGreaterThanOrEqual(downMs);
  expect(ended?.seen_at_ms).toBeGreaterThanOrEqual(upMs);
});
