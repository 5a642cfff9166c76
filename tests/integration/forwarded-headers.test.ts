/** What reaches an engine of a client's request, and which of an engine's own routes a client reaches. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { hello } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway, type User } from "../harness/gateway.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";

const engineKey = "the-engines-own-key";
let gateway: Gateway;
let engine: MockEngine;
let user: User;

beforeAll(async () => {
  engine = await mockEngine({ apiKey: engineKey });
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, api_key: engineKey, model: "mock" } });
  await gateway.loadModel(1, { model_path: modelFiles.text });
  user = await gateway.createUser();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

test("threat 3: only known headers are forwarded, and none of the client's own", async () => {
  const response = await gateway.fetch("/v1/chat/completions?api_key=in-the-query", {
    method: "POST",
    headers: {
      authorization: `Bearer ${user.apiKey}`,
      "content-type": "application/json",
      "x-conversation-id": "somebody-elses",
      "x-api-key": user.apiKey,
      "x-forwarded-for": "10.1.2.3",
      "openai-organization": "org-canary",
      cookie: "session=canary",
      origin: "https://canary.example",
      "user-agent": "canary-agent",
      "last-event-id": "7",
    },
    body: JSON.stringify({ ...hello, model: "mock" }),
  });
  expect(response.status).toBe(200);
  const { headers, target } = engine.requests.at(-1) ?? { headers: {}, target: "" };
  expect(target).toBe("/v1/chat/completions");
  const allowed = [
    "host",
    "connection",
    "keep-alive",
    "content-type",
    "content-length",
    "transfer-encoding",
    "accept",
  ];
  expect(Object.keys(headers).filter((name) => !allowed.includes(name))).toEqual(["authorization"]);
  expect(headers.authorization).toBe(`Bearer ${engineKey}`);
  const everything = JSON.stringify(engine.requests);
  for (const secret of [user.apiKey, "somebody-elses", "canary", "in-the-query"])
    expect(everything).not.toContain(secret);
});

const engineRoutes = [
  "GET /v1/stream",
  "GET /v1/stream/somebody-elses",
  "DELETE /v1/stream/somebody-elses",
  "GET /v1/streams",
  "GET /slots",
  "GET /v1/slots",
  "POST /slots/0?action=save",
  "GET /props",
  "POST /props",
  "GET /v1/props",
  "GET /tools",
  "POST /tools",
  "POST /completion",
  "POST /infill",
  "POST /tokenize",
  "POST /detokenize",
  "POST /apply-template",
  "POST /v1/apply-template",
  "GET /lora-adapters",
  "POST /lora-adapters",
  "POST /models/load",
  "GET /v1/../props",
  "GET /v1/%2e%2e/props",
  "GET /v1//props",
  "GET /v1/chat/completions/../../../props",
];

test.each(engineRoutes)("threat 3: %s is not there", async (route) => {
  const [method, target = ""] = route.split(" ");
  // No fetch: it would resolve the dots itself.
  const { status, body } = await gateway.rawRequest(method ?? "GET", target, user.apiKey);
  expect(status, body).toBe(404);
  expect(body).not.toContain("media_marker");
});
