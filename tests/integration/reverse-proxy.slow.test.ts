/** What deploy/ offers for nginx and Caddy: streams as they are made, clients that leave, large bodies, long silence. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { endless, gap, slow } from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { isInstalled, proxies, type ReverseProxy, startProxy } from "../harness/reverse-proxy.ts";

let engine: MockEngine;
let gateway: Gateway;
beforeAll(async () => {
  engine = await mockEngine();
  gateway = await startGateway();
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

const installed = proxies.filter(isInstalled);

test("nginx lets in what the gateway takes", async () => {
  const offered = await readFile(path.join(import.meta.dirname, "../../deploy/nginx.conf"), "utf8");
  const megabytes = Number(/client_max_body_size (\d+)m;/.exec(offered)?.[1]);
  const { limits } = JSON.parse(await (await gateway.adminResponse("GET", "config")).text());
  expect(megabytes).toBeGreaterThan(Math.max(limits.audio_mb, limits.body_mb));
});

describe.each(installed)("behind %s", (name) => {
  let proxy: ReverseProxy;
  beforeAll(async () => {
    proxy = await startProxy(name, gateway.port);
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
  });

  const chat = (body: object, init: RequestInit = {}) =>
    fetch(`${proxy.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "mock", messages: [{ role: "user", content: "hi" }], ...body }),
      ...init,
    });

  test("a stream arrives as it is made", async () => {
    const words = Array.from({ length: 6 }, (_, index) => `word${index} `);
    engine.behaviour = gap(200, words);
    const reader = (await chat({ stream: true })).body?.getReader();
    const arrivals: number[] = [];
    for (let piece = await reader?.read(); piece?.value; piece = await reader?.read())
      if (Buffer.from(piece.value).includes("word")) arrivals.push(performance.now());
    expect(arrivals.length).toBe(words.length);
    expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(800);
  });

  test("a client that leaves is noticed", async () => {
    engine.behaviour = endless(20);
    const abort = new AbortController();
    const left = engine.aborted;
    const { body } = await chat({ stream: true }, { signal: abort.signal });
    await body?.getReader().read();
    abort.abort();
    await expect.poll(() => engine.aborted, { timeout: 2_000 }).toBe(left + 1);
  });

  test("a whole answer may take longer than proxies wait by default", async () => {
    engine.behaviour = slow(65_000);
    const answer = await chat({});
    expect(answer.status).toBe(200);
  });

  test("a large body arrives, and one that is too large is refused in our words", async () => {
    engine.behaviour = gap(0, ["ok"]);
    const text = (megabytes: number) => "x".repeat(megabytes * 1024 * 1024);
    const large = await chat({ messages: [{ role: "user", content: text(15) }] });
    expect(large.status).not.toBe(413);
    const tooLarge = await chat({ messages: [{ role: "user", content: text(30) }] });
    expect(tooLarge.status).toBe(413);
    expect(await tooLarge.json()).toHaveProperty("error.message");
  });
});
