import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { DELETE } from "../apikeys/[id]/route.ts";
import { POST as createKey } from "./[id]/apikey/route.ts";
import { PATCH } from "./[id]/route.ts";
import { GET, POST } from "./route.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

interface User {
  id: number;
  api_key: string;
  [field: string]: unknown;
}

const create = (body: Record<string, unknown>) => call<User>(POST, "POST", { body });
const change = (id: number, body: unknown) =>
  call<User>(PATCH, "PATCH", { body, params: { id: String(id) } });

describe("POST users", () => {
  it("200: answers the user with a key that works", async () => {
    const limits = { requests_per_minute: 5, tokens_per_minute: null, monthly_budget: 0.1, models: ["a"] };
    const { status, json } = await create({ email: "ann@example.org", tier: "sub", balance: 12.34, limits });
    expect(status).toBe(200);
    expect(json).toEqual({
      id: expect.any(Number),
      email: "ann@example.org",
      tier: "sub",
      balance: 12.34,
      active: true,
      limits,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      api_key: expect.stringMatching(/^sk-[0-9a-f]{48}$/),
    });
    expect(services.accounts.authenticate(json.api_key)?.account.balanceNanos).toBe(12_340_000_000);
  });

  it("200: starts with what the tier starts with", async () => {
    await services.config.patch({ tiers: { payg: { start_balance: 0.5 } } });
    const { json } = await create({ email: "ben@example.org" });
    expect(json).toMatchObject({ tier: "payg", balance: 0.5 });
  });

  it.each([
    ["email", { tier: "payg" }],
    ["email", { email: "nobody" }],
    ["email", { email: `${"a".repeat(65)}@example.org` }],
    ["tier", { email: "a@example.org", tier: "gold" }],
    ["balance", { email: "a@example.org", balance: -1 }],
    ["balance", { email: "a@example.org", balance: 1e-10 }],
    ["balance", { email: "a@example.org", balance: 1e300 }],
    ["limits.requests_per_minute", { email: "a@example.org", limits: { requests_per_minute: 0 } }],
    ["limits.models[0]", { email: "a@example.org", limits: { models: [5] } }],
  ])("400: names %s of %j", async (param, body) => {
    const { status, json } = await call<Refusal>(POST, "POST", { body });
    expect({ status, param: json.error.param }).toEqual({ status: 400, param });
  });

  it("409: an address that is taken, in any case", async () => {
    await create({ email: "carl@example.org" });
    expect((await create({ email: "Carl@Example.org" })).status).toBe(409);
  });
});

describe("GET users", () => {
  it("200: lists users and their keys, but no key itself", async () => {
    const { json: created } = await create({ email: "dora@example.org", balance: 1 });
    const { status, json } = await call<{ data: User[] }>(GET, "GET");
    expect(status).toBe(200);
    const { api_key, ...user } = created;
    const key = { prefix: api_key.slice(0, 8), limits: {}, expires_at: null };
    expect(json.data.find(({ id }) => id === created.id)).toEqual({
      ...user,
      api_keys: [expect.objectContaining(key)],
    });
    expect(JSON.stringify(json)).not.toContain(api_key);
  });
});

describe("PATCH users/{id}", () => {
  it("200: sets the balance exactly, with a ledger row and an audit entry that say why and by whom", async () => {
    const { json: user } = await create({ email: "emil@example.org", balance: 0.3 });
    const headers = { "x-request-id": "my-tool-1" };
    const params = { id: String(user.id) };
    const body = { balance: 0.1, reason: "Refund of June" };
    const { status, json } = await call(PATCH, "PATCH", { body, params, headers });
    expect({ status, balance: json.balance }).toEqual({ status: 200, balance: 0.1 });
    const rows = services.inspect(
      `SELECT amount_nanos AS nanos, reason FROM ledger WHERE user_id = ${user.id}`,
    );
    expect(rows).toContainEqual({ nanos: -200_000_000, reason: "Refund of June" });
    const admin = services.accounts.list().find(({ tier }) => tier === "admin");
    const actor = "actor_user_id AS actor, request_id AS request";
    expect(
      services.inspect(`SELECT ${actor} FROM audit_log WHERE target = 'user:${user.id}'`),
    ).toContainEqual({
      actor: admin?.id,
      request: "my-tool-1",
    });
  });

  it("200: disables, moves to another tier, replaces the limits", async () => {
    const limits = { requests_per_minute: 1, concurrency: 2 };
    const { json: user } = await create({ email: "fay@example.org", limits });
    const { json } = await change(user.id, { active: false, tier: "sub", limits: { concurrency: null } });
    expect(json).toMatchObject({ active: false, tier: "sub" });
    expect(json.limits).toEqual({ concurrency: null });
  });

  it.each([[{}], [{ reason: "none" }], [{ tier: null }], [{ balance: "1" }], [[]]])(
    "400: %j",
    async (body) => {
      const { json: user } = await create({ email: `${Math.random()}@example.org` });
      expect((await change(user.id, body)).status).toBe(400);
    },
  );

  it("404: nobody", async () => {
    expect((await change(99_999, { active: false })).status).toBe(404);
  });

  it("409: an admin's own end", async () => {
    const admin = services.accounts.list().find(({ tier }) => tier === "admin");
    expect((await change(admin?.id ?? 0, { active: false })).status).toBe(409);
    expect((await change(admin?.id ?? 0, { tier: "sub" })).status).toBe(409);
    expect((await change(admin?.id ?? 0, { tier: "admin", balance: 5 })).status).toBe(200);
  });
});

describe("keys", () => {
  const newKey = (id: number | string, body?: unknown) =>
    call<{ id: number; api_key: string }>(createKey, "POST", { body, params: { id: String(id) } });
  const revoke = (id: number | string) => call(DELETE, "DELETE", { params: { id: String(id) } });

  it("200: made with a name and limits, or with nothing at all; gone at once when deleted", async () => {
    const { id } = await services.createUser("gus@example.org");
    const { status, json } = await newKey(id, { name: "laptop", limits: { requests_per_minute: 1 } });
    expect(status).toBe(200);
    expect(Object.keys(json)).toEqual(["id", "api_key"]);
    expect(services.accounts.authenticate(json.api_key)?.key).toMatchObject({
      id: json.id,
      name: "laptop",
      limits: { requests_per_minute: 1 },
    });
    expect((await newKey(id)).status).toBe(200);
    expect(await revoke(json.id)).toMatchObject({ status: 200, json: { id: json.id, deleted: true } });
    expect(services.accounts.authenticate(json.api_key)).toBeNull();
  });

  it("400: a wrong name, and ids that are no numbers", async () => {
    const { id } = await services.createUser("hal@example.org");
    expect((await newKey(id, { name: "" })).status).toBe(400);
    expect((await newKey("me")).status).toBe(400);
    expect((await revoke("1e3")).status).toBe(400);
  });

  it("404: nobody's, and no such key", async () => {
    expect((await newKey(99_999)).status).toBe(404);
    expect((await revoke(99_999)).status).toBe(404);
  });

  it("409: the key in use", async () => {
    const admin = services.accounts.list().find(({ tier }) => tier === "admin");
    const [key] = services.accounts.keysOf(admin?.id ?? 0);
    expect((await revoke(key?.id ?? 0)).status).toBe(409);
  });
});
