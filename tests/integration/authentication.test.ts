/** Who gets in where: routes, credentials, roles. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hello } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

let gateway: Gateway;
/** Filled before the tests run; their names are known earlier. */
const headersOf: Record<string, Record<string, string>> = {};

beforeAll(async () => {
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  const user = await gateway.createUser();
  const disabled = await gateway.createUser();
  await gateway.admin("PATCH", `users/${disabled.id}`, { active: false });
  const second = await gateway.admin<{ id: number; api_key: string }>("POST", `users/${user.id}/apikey`, {});
  await gateway.admin("DELETE", `apikeys/${second.id}`);
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  Object.assign(headersOf, {
    nothing: {},
    "an empty key": { authorization: "Bearer " },
    "a malformed key": bearer("hello"),
    "basic authentication": { authorization: `Basic ${btoa(`user:${user.apiKey}`)}` },
    "an unknown key": bearer(`sk-${"0".repeat(48)}`),
    "a key one letter off": bearer(`${user.apiKey.slice(0, -1)}g`),
    "the key's prefix": bearer(user.apiKey.slice(0, 20)),
    "SQL for a key": bearer(`sk-'OR'1'='1'--0000000000000000`),
    "SQL in x-api-key": { "x-api-key": "sk-x' UNION SELECT * FROM api_keys -- " },
    "a key of 100,000 letters": bearer(`sk-${"a".repeat(10_000)}`),
    "a key in a cookie": { cookie: `key=${user.apiKey}; next-auth.session-token=${user.apiKey}` },
    "a revoked key": bearer(second.api_key),
    "a disabled user's key": bearer(disabled.apiKey),
    "a user's key": bearer(user.apiKey),
    "a user's key in x-api-key": { "x-api-key": user.apiKey },
    "the admin key": bearer(gateway.adminKey),
  });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

const strangers = [
  "nothing",
  "an empty key",
  "a malformed key",
  "basic authentication",
  "an unknown key",
  "a key one letter off",
  "the key's prefix",
  "SQL for a key",
  "SQL in x-api-key",
  "a key of 100,000 letters",
  "a key in a cookie",
  "a revoked key",
];
const everyCaller: [caller: string, user: number, admin: number][] = [
  ...strangers.map((caller): [string, number, number] => [caller, 401, 401]),
  ["a disabled user's key", 403, 403],
  ["a user's key", 200, 403],
  ["a user's key in x-api-key", 200, 403],
  ["the admin key", 200, 200],
];

const chatBody = JSON.stringify({ ...hello, model: "tiny-text", max_tokens: 2 });
const userRoutes: [method: string, target: string, body?: string][] = [
  ["GET", "/v1/models"],
  ["GET", "/v1/models/tiny-text"],
  ["POST", "/v1/chat/completions", chatBody],
];
/** Those that change something are sent what they refuse even to the admin, so that nothing happens. */
const adminRoutes: [method: string, target: string, body: string | undefined, admin: number][] = [
  ["GET", "/admin/api/slots", undefined, 200],
  ["GET", "/admin/api/models/local", undefined, 200],
  ["GET", "/admin/api/users", undefined, 200],
  ["GET", "/admin/api/config", undefined, 200],
  ["PATCH", "/admin/api/config", '{"log_level": "no such level"}', 400],
  ["POST", "/admin/api/users", "{}", 400],
  ["PATCH", "/admin/api/users/999999", '{"active": true}', 404],
  ["POST", "/admin/api/users/999999/apikey", "{}", 404],
  ["DELETE", "/admin/api/apikeys/999999", undefined, 404],
  ["POST", "/admin/api/slots/load", "{}", 400],
  ["POST", "/admin/api/slots/1/unload", undefined, 404],
  ["POST", "/admin/api/slots/1/restart", undefined, 404],
  ["GET", "/admin/api/slots/1/logs", undefined, 404],
];

async function statusOf(caller: string, method: string, target: string, body?: string) {
  const headers = { ...headersOf[caller], "content-type": "application/json" };
  const response = await gateway.fetch(target, { method, headers, body });
  const text = await response.text();
  if (response.status >= 400)
    expect(JSON.parse(text)).toMatchObject({
      error: { message: expect.any(String), type: expect.any(String) },
    });
  return response.status;
}

describe.each(everyCaller)("threat 23: %s", (caller, user, admin) => {
  test.each(userRoutes)("%s %s", async (method, target, body) => {
    expect(await statusOf(caller, method, target, body)).toBe(user);
  });

  test.each(adminRoutes)("%s %s", async (method, target, body, asAdmin) => {
    expect(await statusOf(caller, method, target, body)).toBe(admin === 200 ? asAdmin : admin);
  });
});

test("public routes need no key and tell nothing that is not public", async () => {
  const health = await gateway.fetch("/health");
  expect(Object.keys((await health.json()) as object).sort()).toEqual([
    "active_slots",
    "status",
    "timestamp",
  ]);
  const models = (await (await gateway.fetch("/api/models")).json()) as { models: { id: string }[] };
  expect(models.models.find(({ id }) => id === "tiny-text")).toEqual({
    id: "tiny-text",
    type: "text",
    status: "ready",
  });
});

test("any origin may call /v1, and none the admin API", async () => {
  const origin = "https://elsewhere.example";
  const preflight = { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } };
  const open = await gateway.fetch("/v1/chat/completions", preflight);
  expect(open.headers.get("access-control-allow-origin")).toBe("*");
  expect(open.headers.get("access-control-allow-headers")?.toLowerCase()).toContain("authorization");
  const closed = await gateway.fetch("/admin/api/slots", preflight);
  expect(closed.headers.get("access-control-allow-origin")).toBeNull();
});

test("a middleware header of Next's opens nothing", async () => {
  const headers = { "x-middleware-subrequest": "middleware:middleware:middleware:middleware:middleware" };
  expect((await gateway.fetch("/admin/api/slots", { headers })).status).toBe(401);
});
