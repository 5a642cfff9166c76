/** The fast lane knows the routes that Next knows, and answers as Next does. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { laneRoutes } from "../../server/http/lane-routes.ts";
import { hello } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

const manifest = fileURLToPath(new URL("../../.next/app-path-routes-manifest.json", import.meta.url));

test("the lane's routes below /v1 are those of Next's manifest", () => {
  const byFile = JSON.parse(readFileSync(manifest, "utf8")) as Record<string, string>;
  const known = Object.values(byFile).filter((route) => route === "/v1" || route.startsWith("/v1/"));
  expect(known.length).toBeGreaterThan(0);
  expect(laneRoutes.map(({ path }) => path).sort()).toEqual(known.sort());
});

/** A key that both gateways know. */
const adminKey = "sk-for-both-modes-0000000000";
let lane: Gateway;
let next: Gateway;

beforeAll(async () => {
  [lane, next] = (await Promise.all(
    (["production", "dev"] as const).map(async (mode) => {
      const gateway = await startGateway({ mode, config: { ...unlimited, admin_key: adminKey } });
      await gateway.loadModel(0, { model_path: modelFiles.text });
      return gateway;
    }),
  )) as [Gateway, Gateway];
}, 180_000);
afterAll(async () => {
  await lane?.[Symbol.asyncDispose]();
  await next?.[Symbol.asyncDispose]();
});

interface Case {
  name: string;
  target: string;
  init?: RequestInit;
}

const key = { authorization: `Bearer ${adminKey}` };
const post = (body: unknown, headers: Record<string, string> = key): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const chatTarget = "/v1/chat/completions";
const tiny = { ...hello, model: "tiny-text", seed: 1 };

const cases: Case[] = [
  { name: "a list of models", target: "/v1/models", init: { headers: key } },
  { name: "a query", target: "/v1/models?limit=5&x=%2F", init: { headers: key } },
  { name: "a trailing slash", target: "/v1/models/", init: { headers: key } },
  { name: "one model", target: "/v1/models/tiny-text", init: { headers: key } },
  { name: "a model with a slash in its name", target: "/v1/models/some/model", init: { headers: key } },
  { name: "a model with an encoded slash", target: "/v1/models/some%2Fmodel", init: { headers: key } },
  { name: "only the head", target: "/v1/models", init: { method: "HEAD", headers: key } },
  {
    name: "a preflight",
    target: chatTarget,
    init: { method: "OPTIONS", headers: { origin: "https://a.example" } },
  },
  { name: "a wrong method", target: chatTarget, init: { method: "GET", headers: key } },
  { name: "another wrong method", target: "/v1/models", init: { method: "DELETE", headers: key } },
  { name: "an unknown address", target: "/v1/no/such/thing", init: { headers: key } },
  { name: "an unknown address without a key", target: "/v1/no/such/thing" },
  { name: "no key", target: "/v1/models" },
  { name: "a whole answer", target: chatTarget, init: post(tiny) },
  { name: "a trailing slash on a POST", target: `${chatTarget}/`, init: post(tiny) },
  { name: "a stream", target: chatTarget, init: post({ ...tiny, stream: true }) },
  {
    name: "a stream with usage",
    target: chatTarget,
    init: post({ ...tiny, stream: true, stream_options: { include_usage: true } }),
  },
  { name: "a wrong field", target: chatTarget, init: post({ ...tiny, temperature: 99 }) },
  { name: "malformed JSON", target: chatTarget, init: post("{") },
  { name: "an unknown model", target: chatTarget, init: post({ ...tiny, model: "nothing" }) },
  {
    name: "a wrong content type",
    target: chatTarget,
    init: post("a=b", { ...key, "content-type": "text/plain" }),
  },
  { name: "a body of 21 MB", target: chatTarget, init: post(" ".repeat(21 * 1024 * 1024)) },
];

/** Headers whose values differ by nature, or that belong to the transport. */
const volatile = new Set([
  "date",
  "x-request-id",
  "openai-processing-ms",
  "server-timing",
  "connection",
  "keep-alive",
]);
const transport = new Set(["content-length", "transfer-encoding", "vary"]);

async function ask(gateway: Gateway, { target, init }: Case) {
  const response = await gateway.fetch(target, { ...init, redirect: "manual" });
  const headers = [...response.headers].filter(([name]) => !transport.has(name));
  return {
    status: response.status,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, volatile.has(name) ? "any" : value])),
    body: normalized(await response.text()),
  };
}

/** Ids and times are new in every answer, as is how the engine's bytes were cut into reads. */
function normalized(body: string): string {
  return body
    .replaceAll(/"(id|created|system_fingerprint)":("[^"]*"|\d+)/g, '"$1":0')
    .replaceAll(/"(cached_tokens|resetMs)":\d+/g, '"$1":0');
}

describe("the same request through Next gives the same answer", () => {
  test.each(cases)("$name", async (one) => {
    const [byLane, byNext] = [await ask(lane, one), await ask(next, one)];
    expect(byNext).toEqual(byLane);
  });
});
