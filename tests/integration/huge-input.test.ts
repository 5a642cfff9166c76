/** Bodies that are too large or too slow end early, and cost the gateway no memory. */
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, hello, postJson } from "../harness/chat.ts";
import { unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { residentBytes } from "../harness/processes.ts";

const megabyte = 1024 * 1024;
let gateway: Gateway;
let engine: MockEngine;
let key: string;

beforeAll(async () => {
  engine = await mockEngine();
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
  key = (await gateway.createUser({ balance: 1_000 })).apiKey;
  expect((await chat({ url: gateway.url, key }, { ...hello, model: "mock" })).status).toBe(200);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

/** Of 100 MB. What was sent until the answer is noticed is swallowed; how much that is depends on both processes' turns. */
const wellBeforeTheEnd = 90;

/** Sends a body of blanks in pieces until it is answered or all is sent. @returns the status and the megabytes sent */
function sendBlanks(
  megabytes: number,
  headers: Record<string, string>,
): Promise<{ status: number; sent: number }> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    const outgoing = request(
      `${gateway.url}/v1/chat/completions`,
      { method: "POST", headers: { "content-type": "application/json", ...headers } },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, sent });
        outgoing.destroy();
      },
    );
    outgoing.on("error", (error) => (sent > 0 ? undefined : reject(error)));
    const write = async () => {
      for (; sent < megabytes && !outgoing.destroyed; sent++)
        if (!outgoing.write(Buffer.alloc(megabyte, 0x20)))
          await Promise.race([once(outgoing, "drain"), once(outgoing, "close")]);
      outgoing.end();
    };
    write().catch(reject);
  });
}

test("threat 20: a body of 100 MiB is refused before it is read, and memory stays bounded", async () => {
  const beforeBytes = residentBytes(gateway.pid);
  const authorization = `Bearer ${key}`;
  const announced = await sendBlanks(100, { authorization, "content-length": String(100 * megabyte) });
  expect(announced.status).toBe(413);
  expect(announced.sent).toBeLessThan(wellBeforeTheEnd);
  const unannounced = await sendBlanks(100, { authorization, "transfer-encoding": "chunked" });
  expect(unannounced.status).toBe(413);
  expect(unannounced.sent).toBeLessThan(wellBeforeTheEnd);
  expect(residentBytes(gateway.pid) - beforeBytes).toBeLessThan(150 * megabyte);
});

test("threat 20: without a key the refusal does not wait for the body", async () => {
  const { status, sent } = await sendBlanks(100, { "transfer-encoding": "chunked" });
  expect(status).toBe(401);
  expect(sent).toBeLessThan(wellBeforeTheEnd);
});

test("threat 20: eight bodies of 19 MiB at once leave the memory bounded and others served", async () => {
  const beforeBytes = residentBytes(gateway.pid);
  const large = JSON.stringify({
    model: "mock",
    messages: [{ role: "user", content: "a".repeat(19 * megabyte) }],
  });
  const attacks = Array.from({ length: 8 }, () => postJson(`${gateway.url}/v1/chat/completions`, key, large));
  const startedMs = performance.now();
  expect((await chat({ url: gateway.url, key }, { ...hello, model: "mock" })).status).toBe(200);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  for (const response of await Promise.all(attacks)) expect([200, 400, 413, 503]).toContain(response.status);
  expect(residentBytes(gateway.pid) - beforeBytes).toBeLessThan(1_000 * megabyte);
}, 60_000);

test("a request with two lengths is refused", async () => {
  const socket = connect(gateway.port, "127.0.0.1");
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\n` +
      "Content-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/models HTTP/1.1\r\n\r\n",
  );
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString("latin1")).toMatch(/^HTTP\/1\.1 400/);
  socket.destroy();
});

test("headers of 100 kB are refused", async () => {
  const response = await gateway.fetch("/v1/models", {
    headers: { authorization: `Bearer ${key}`, "x-large": "a".repeat(100_000) },
  });
  expect(response.status).toBe(431);
});
