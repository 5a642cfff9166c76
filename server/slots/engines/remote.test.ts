import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { EngineLog } from "../engine-log.ts";
import { type RunningEngine, StartFailure } from "./engine.ts";
import { remoteAdapter } from "./remote.ts";

let server: Server;
let engine: RunningEngine | null = null;

afterEach(async () => {
  await engine?.stop(0);
  engine = null;
  server.closeAllConnections();
  server.close();
});

type Answer = { status: number; body: string };

/** A server that answers `/v1/models` in this way. Returns its address without a path. */
async function remote(answer: (request: IncomingMessage) => Answer): Promise<string> {
  server = createServer((request, response) => {
    const { status, body } = request.url === "/v1/models" ? answer(request) : { status: 404, body: "{}" };
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const listing =
  (...ids: string[]) =>
  () => ({
    status: 200,
    body: JSON.stringify({ data: ids.map((id) => ({ id, object: "model" })) }),
  });

async function start(baseUrl: string, apiKey?: string): Promise<RunningEngine> {
  const planned = await remoteAdapter.plan({ remote: { base_url: baseUrl, api_key: apiKey, model: "big" } });
  const log = new EngineLog("/dev/null");
  engine = await planned.start({ port: 1, log, signal: AbortSignal.timeout(2_000), onProcess: () => {} });
  return engine;
}

async function failure(baseUrl: string): Promise<StartFailure> {
  const error = await start(baseUrl).catch((caught: unknown) => caught);
  if (!(error instanceof StartFailure)) throw new Error(`No failure, but ${error}`);
  return error;
}

describe("a remote engine", () => {
  it("is ready when it lists its models, and is asked with its own key", async () => {
    let key: string | undefined;
    const baseUrl = await remote((request) => {
      key = request.headers.authorization;
      return listing("big")();
    });
    const running = await start(`${baseUrl}/v1/`, "sk-remote");
    expect(key).toBe("Bearer sk-remote");
    expect(running).toMatchObject({ pid: null, stalls: false, warnings: [] });
    expect(running.engine).toMatchObject({
      kind: "remote",
      pathPrefix: "/v1",
      headers: ["authorization", "Bearer sk-remote", "content-type", "application/json"],
      upstreamModel: "big",
      alwaysStream: false,
      mediaMarker: null,
      reportsProgress: false,
    });
  });

  it("is looked for below /v1 where its address has no path", async () => {
    expect((await start(await remote(listing("big")))).engine.pathPrefix).toBe("/v1");
  });

  it("may not list the model; it is said", async () => {
    expect((await start(await remote(listing("small")))).warnings.join()).toContain("does not list 'big'");
  });

  it("takes any number of requests, unless told otherwise", async () => {
    const remoteRequest = { remote: { base_url: "http://127.0.0.1:1", model: "big" } };
    expect((await remoteAdapter.plan(remoteRequest)).parallel).toBe(Number.POSITIVE_INFINITY);
    expect((await remoteAdapter.plan({ ...remoteRequest, parallel: 8 })).parallel).toBe(8);
    const plan = await remoteAdapter.plan({
      ...remoteRequest,
      model_type: "embedding",
      pooling: "rank",
      ctx_size: 512,
    });
    expect(plan.model).toMatchObject({
      id: "big",
      type: "embedding",
      capabilities: ["rerank"],
      contextLength: 512,
    });
    await remote(listing());
  });

  it.each([
    ["it refuses the key", { status: 401, body: "{}" }, "unsuitable"],
    ["it is something else", { status: 200, body: "<html>" }, "unsuitable"],
    ["it is broken", { status: 503, body: "{}" }, "unreachable"],
  ])("fails when %s", async (_what, answer, kind) => {
    expect((await failure(await remote(() => answer))).kind).toBe(kind);
  });

  it("fails when the address is wrong, or nobody is there", async () => {
    const baseUrl = await remote(listing("big"));
    expect((await failure(`${baseUrl}/api`)).message).toMatch(/404 to \/api\/models/);
    server.close();
    await once(server, "close");
    expect(await failure(baseUrl)).toMatchObject({
      kind: "unreachable",
      message: expect.stringMatching(/ECONNREFUSED/),
    });
  });
});
