import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { provideRuntime } from "../runtime.ts";
import { refuse, unknownPortalUrl } from "./reply.ts";
import { adminRoute } from "./route.ts";
import { call, type Refusal } from "./testing/call.ts";
import { type AdminServices, adminKey, openServices } from "./testing/services.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterEach(() => provideRuntime(services));
afterAll(() => services.close());

const body = z.object({ list: z.array(z.object({ name: z.string() })) });
const echo = adminRoute(
  ({ body, actor, caller }) => Response.json({ body, actor, by: caller.account.email }),
  { body },
);
const good = { list: [{ name: "a" }] };

async function refused(options: Parameters<typeof call>[2]) {
  const { status, json } = await call<Refusal>(echo, "POST", { body: good, ...options });
  return { status, code: json.error.code, param: json.error.param, type: json.error.type };
}

describe("adminRoute", () => {
  it("hands over what was sent and who sent it", async () => {
    const { status, json } = await call(echo, "POST", { body: good });
    expect(status).toBe(200);
    expect(json).toMatchObject({ body: good, by: "admin@localhost", actor: { userId: expect.any(Number) } });
  });

  it("takes the key as x-api-key too", async () => {
    const answer = await call(echo, "POST", { body: good, key: null, headers: { "x-api-key": adminKey } });
    expect(answer.status).toBe(200);
  });

  it("401: no key, a malformed, an unknown and a revoked one", async () => {
    const { id, apiKey } = await services.createUser("revoked@example.org");
    const [key] = services.accounts.keysOf(id);
    await services.accounts.revokeKey(key?.id ?? 0, { userId: null, keyId: null, requestId: "r" });
    for (const key of [null, "", "nonsense", `sk-${"f".repeat(48)}`, apiKey])
      expect(await refused({ key })).toMatchObject({ status: 401, code: "invalid_api_key" });
  });

  it("403: a user who is no admin, and an admin who is disabled", async () => {
    const { id, apiKey } = await services.createUser("user@example.org");
    expect(await refused({ key: apiKey })).toMatchObject({ status: 403, type: "permission_error" });
    const actor = { userId: null, keyId: null, requestId: "r" };
    await services.accounts.updateUser(id, { tier: "admin" }, actor, "test");
    expect((await call(echo, "POST", { body: good, key: apiKey })).status).toBe(200);
    await services.accounts.updateUser(id, { active: false }, actor, "test");
    expect(await refused({ key: apiKey })).toMatchObject({ status: 403 });
  });

  it("401 comes before 400: a stranger learns nothing of the schema", async () => {
    expect(await refused({ key: null, text: "{" })).toMatchObject({ status: 401 });
  });

  it("400: no JSON, and the wrong shape by its path", async () => {
    expect(await refused({ text: "{" })).toMatchObject({ status: 400, param: null });
    expect(await refused({ text: "" })).toMatchObject({ status: 400, param: "list" });
    expect(await refused({ body: { list: [{ name: "a" }, {}] } })).toMatchObject({
      status: 400,
      param: "list[1].name",
    });
  });

  it("413: more than a megabyte, and 415: another type", async () => {
    expect(await refused({ body: { list: [{ name: "x".repeat(1_100_000) }] } })).toMatchObject({
      status: 413,
    });
    expect(await refused({ headers: { "content-type": "text/plain" } })).toMatchObject({ status: 415 });
  });

  it("500: says nothing of what happened, and logs it", async () => {
    const failing = adminRoute(() => {
      throw new Error("the secret is 42");
    });
    const { status, json, headers } = await call<Refusal>(failing, "GET");
    expect({ status, type: json.error.type }).toEqual({ status: 500, type: "server_error" });
    expect(JSON.stringify(json)).not.toContain("42");
    const line = services.logLines.find((text) => text.includes("the secret is 42"));
    expect(line).toContain(headers.get("x-request-id"));
  });

  it("503: before the services are there", async () => {
    const key = Symbol.for("llm-gateway.runtime");
    Reflect.deleteProperty(globalThis, key);
    const { status, headers } = await call(echo, "POST", { body: good });
    expect(status).toBe(503);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("every answer", () => {
  it("has an id: the caller's where it is sensible, else a new one", async () => {
    const own = await call(echo, "POST", { body: good, headers: { "x-request-id": "tool-7" } });
    expect(own.headers.get("x-request-id")).toBe("tool-7");
    expect(own.json.actor).toMatchObject({ requestId: "tool-7" });
    const odd = await call(echo, "POST", { body: good, headers: { "x-request-id": "a b" }, key: null });
    expect(odd.headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
  });

  it("is not stored, and not for other origins to read", async () => {
    const headers = { origin: "https://elsewhere.example" };
    for (const key of [adminKey, null]) {
      const answer = await call(echo, "POST", { body: good, key, headers });
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });
});

describe("what is not there", () => {
  it("405: names what is allowed", async () => {
    const { status, json, headers } = await call<Refusal>(refuse("GET, POST"), "PUT");
    expect({ status, code: json.error.code, allow: headers.get("allow") }).toEqual({
      status: 405,
      code: "method_not_allowed",
      allow: "GET, POST",
    });
  });

  it("404: unknown paths", async () => {
    const { status, json } = await call<Refusal>(unknownPortalUrl, "GET");
    expect({ status, code: json.error.code }).toEqual({ status: 404, code: "unknown_url" });
  });
});
