import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { createMockEngine } from "../engine/server.ts";
import type { Address } from "./jobs.ts";
import { holdStreams, runJson, runStreams, waitForAnswer } from "./work.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server, key: string | null = null): Promise<Address> {
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, model: "mock", key };
}

const get = async ({ port }: Address, path: string) =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).json();
const work = { connections: 4, requests: 100, tokens: 20 };

describe.each(["openai", "llama"] as const)("against the mock engine (%s)", (personality) => {
  const start = () => listen(createMockEngine({ personality, model: "mock", apiKey: "sk-1" }), "sk-1");
  const expected = personality === "openai" ? "copying it is no part" : "tok ".repeat(20);

  test("whole answers are counted and timed", async () => {
    const address = await start();
    const result = await runJson({ kind: "json", address, ...work, expect: expected });
    expect(result.failures).toEqual({});
    expect(result.requests).toBe(100);
    expect(result.p99Ms).toBeGreaterThanOrEqual(result.p50Ms);
    expect(await get(address, "/mock/stats")).toMatchObject({ whole: 100, streamsBegun: 0 });
  });

  test("streams are whole, and no faster than the engine", async () => {
    const address = await start();
    await get(address, "/mock/set?gapMs=10");
    const result = await runStreams({ kind: "streams", address, atOnce: 3, inARow: 2, tokens: 20 });
    expect(result.failures).toEqual({});
    expect(result.tokens).toBe(3 * 2 * 20);
    expect(result.tokensPerS).toBeLessThan((3 * 20) / 0.19);
    expect(await get(address, "/mock/stats")).toMatchObject({ streamsFinished: 6, streamsOpen: 0 });
  });

  test("held streams stay open until they are cut off, and the engine sees them go", async () => {
    const address = await start();
    await get(address, "/mock/set?gapMs=60000");
    const streams = holdStreams({
      kind: "hold",
      address,
      streams: 20,
      rampMs: 0,
      limitMs: 10_000,
      tokens: 9,
    });
    expect(await streams.held).toEqual({ held: 20, failures: {} });
    expect(await get(address, "/mock/stats")).toMatchObject({ streamsOpen: 20 });
    expect(streams.cutOff().failures).toEqual({});
    await expect
      .poll(() => get(address, "/mock/stats"), { timeout: 10_000 })
      .toMatchObject({ streamsOpen: 0, streamsAborted: 20 });
  });

  test("a refused key is a failure of every request", async () => {
    const address = { ...(await start()), key: "sk-2" };
    const result = await runJson({ kind: "json", address, ...work, expect: "" });
    expect(result.requests).toBe(0);
    expect(Object.values(result.failures)).toEqual([100]);
    expect(Object.keys(result.failures)[0]).toContain("status 401");
  });
});

test("a wrong body is a failure", async () => {
  const address = await listen(createMockEngine({ personality: "openai", model: "mock" }));
  const result = await runJson({ kind: "json", address, ...work, expect: "something else" });
  expect(Object.values(result.failures).reduce((sum, count) => sum + count, 0)).toBe(100);
});

test.each([
  [
    "without its end",
    'data: {"choices":[{"delta":{"content":"tok "}}],"usage":{"completion_tokens":1}}\n\n',
    "[DONE]",
  ],
  ["without usage", 'data: {"choices":[{"delta":{"content":"tok "}}]}\n\ndata: [DONE]\n\n', "usage"],
  [
    "with tokens missing",
    'data: {"choices":[],"usage":{"completion_tokens":1}}\n\ndata: [DONE]\n\n',
    "0 tokens, not 1",
  ],
])("a stream %s is a failure", async (_name, body, reason) => {
  const address = await listen(createServer((_request, response) => response.end(body)));
  const result = await runStreams({ kind: "streams", address, atOnce: 1, inARow: 1, tokens: 1 });
  expect(Object.keys(result.failures)).toEqual([expect.stringContaining(reason)]);
});

test("waits for the first answer, and says what came instead when there is none", async () => {
  let calls = 0;
  const address = await listen(
    createServer((_request, response) => response.writeHead(++calls < 3 ? 503 : 200).end("{}")),
  );
  expect(await waitForAnswer({ kind: "wait", address, limitMs: 10_000 })).toEqual({ failures: {} });
  expect(calls).toBe(3);
  const refusing = await listen(createServer((_request, response) => response.writeHead(503).end("not yet")));
  const { failures } = await waitForAnswer({ kind: "wait", address: refusing, limitMs: 50 });
  expect(Object.keys(failures)[0]).toContain("status 503: not yet");
});

test("a stream that ends while it is held is a failure", async () => {
  const address = await listen(createMockEngine({ personality: "openai", model: "mock" }));
  const streams = holdStreams({ kind: "hold", address, streams: 2, rampMs: 0, limitMs: 5000, tokens: 3 });
  await streams.held;
  while (Object.keys(streams.cutOff().failures).length === 0) await turn();
  expect(Object.keys(streams.cutOff().failures)).toEqual(["a stream ended while it was held"]);
});
