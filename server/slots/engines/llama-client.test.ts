import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { Pool } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { LlamaClient, StrangerError } from "./llama-client.ts";

let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Whoever sits on the port: answers with a status and a body. */
async function client(answer: (request: IncomingMessage) => [number, unknown]): Promise<LlamaClient> {
  server = createServer((request, response) => {
    const [status, body] = answer(request);
    response.writeHead(status).end(JSON.stringify(body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return new LlamaClient(pool, ["authorization", "Bearer ours"]);
}

const signal = AbortSignal.timeout(5_000);
const named = (id: string) => ({ data: [{ id }] });
const hasKey = (request: IncomingMessage) => request.headers.authorization === "Bearer ours";

describe("who answers on the engine's port", () => {
  it("is ours when it wants our key and runs our model", async () => {
    const ours = await client((request) => (hasKey(request) ? [200, named("m")] : [401, {}]));
    await expect(ours.checkIdentity("m", signal)).resolves.toBeUndefined();
  });

  it.each<[string, (request: IncomingMessage) => [number, unknown]]>([
    ["answers everybody", () => [200, named("m")]],
    ["has another key", () => [401, {}]],
    ["runs another model", (request) => (hasKey(request) ? [200, named("other")] : [401, {}])],
    ["is no llama-server", (request) => (hasKey(request) ? [200, "hello"] : [401, {}])],
    ["is something else altogether", () => [404, {}]],
  ])("is a stranger when it %s", async (_what, answer) => {
    await expect((await client(answer)).checkIdentity("m", signal)).rejects.toThrow(StrangerError);
  });
});

describe("the proof of work", () => {
  it.each(["text", "embedding", "rerank"] as const)("is asked for in the way of %s", async (serves) => {
    let asked = "";
    const engine = await client((request) => {
      asked = `${request.method} ${request.url}`;
      return [200, {}];
    });
    await engine.work(serves, signal);
    expect(asked).toBe(
      { text: "POST /completion", embedding: "POST /embeddings", rerank: "POST /v1/rerank" }[serves],
    );
  });

  it("is asked for in steps where they are wanted, and each is told", async () => {
    let asked: unknown;
    server = createServer(async (request, response) => {
      asked = await json(request);
      response.writeHead(200);
      for (const processed of [0, 1]) {
        response.write(`data: {"prompt_progress":{"processed":${processed}}}\n\n`);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      response.end("data: {}\n\n");
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    let steps = 0;
    const engine = new LlamaClient(new Pool(`http://127.0.0.1:${port}`), []);
    await engine.work("text", signal, () => steps++);
    expect(asked).toMatchObject({ stream: true, return_progress: true });
    // The status, and each piece of the answer.
    expect(steps).toBe(4);
  });

  it("fails with the engine's words", async () => {
    const engine = await client(() => [500, { error: "no memory" }]);
    await expect(engine.work("text", signal)).rejects.toThrow(/500.*no memory/);
  });

  it("sees a model that still loads", async () => {
    const engine = await client(() => [503, { error: "Loading model" }]);
    expect(await engine.isLoaded(signal)).toBe(false);
  });
});

describe("what stands for a medium in a prompt", () => {
  it.each<[string, [number, unknown], string | null]>([
    ["as it tells", [200, { media_marker: "<__media_a__>" }], "<__media_a__>"],
    ["unknown where it does not", [200, { modalities: {} }], null],
    ["unknown where it is empty", [200, { media_marker: "" }], null],
    ["unknown where it refuses", [404, { error: "no" }], null],
  ])("is %s", async (_what, answer, marker) => {
    const asked = await client((request) =>
      hasKey(request) && request.url === "/props" ? answer : [401, {}],
    );
    expect(await asked.mediaMarker(signal)).toBe(marker);
  });
});
