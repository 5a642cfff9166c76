import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { UsageGroupReply } from "@/lib/admin/schemas.ts";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { msPerDay } from "@/lib/data/daily-usage.ts";
import type { Settlement } from "@/lib/money/types.ts";
import { settlement } from "@/server/database/testing/samples.ts";
import { GET } from "./route.ts";

let services: AdminServices;
let ada: { id: number; keyId: number; prefix: string };
let bob: typeof ada;

const todayMs = Math.floor(Date.now() / msPerDay) * msPerDay;
const daysAgo = (days: number) => todayMs - days * msPerDay + 1;
const dateOf = (days: number) => new Date(daysAgo(days)).toISOString().slice(0, 10);

async function newUser(email: string) {
  const { id } = await services.createUser(email);
  const [key] = services.accounts.keysOf(id);
  return { id, keyId: key?.id ?? 0, prefix: key?.prefix ?? "" };
}

beforeAll(async () => {
  services = await openServices();
  ada = await newUser("ada@example.org");
  bob = await newUser("bob@example.org");
  const of = ({ id, keyId }: typeof ada, part: Partial<Settlement>) => ({
    settlement: settlement({ userId: id, keyId, costNanos: 1_000_000, durationMs: 100, ...part }),
    chargeNanos: 500_000,
  });
  // Enough for the daily sums to follow at once; the rest is the tail that they have not reached.
  const summed = Array.from({ length: 250 }, () => of(ada, { startedAtMs: daysAgo(2), model: "large" }));
  await services.database.settle(summed);
  await vi.waitFor(() => {
    const [sums] = services.inspect<{ requests: number }>("SELECT requests FROM daily_usage");
    expect(sums?.requests).toBe(250);
  });
  await services.database.settle([
    of(ada, { startedAtMs: daysAgo(2), model: "large", outcome: "engine_failed", durationMs: 351 }),
    of(ada, { startedAtMs: daysAgo(0), model: "small" }),
    of(bob, { startedAtMs: daysAgo(0), model: "small", costNanos: 2_000_000 }),
    of(bob, { startedAtMs: daysAgo(400), model: "small" }),
  ]);
});
afterAll(() => services.close());

async function usage(query: string): Promise<UsageGroupReply[]> {
  const { status, json } = await call<{ data: UsageGroupReply[] }>(GET, "GET", { query });
  expect(status).toBe(200);
  return json.data;
}

describe("GET usage", () => {
  it("sums by day, seven of them if nothing else is asked", async () => {
    expect(await usage("")).toEqual([
      {
        date: dateOf(2),
        requests: 251,
        errors: 1,
        tokens_in: 251 * 12,
        tokens_cached: 251 * 4,
        tokens_out: 251 * 30,
        cost: 0.251,
        charge: 0.1255,
        avg_latency_ms: 101,
      },
      expect.objectContaining({ date: dateOf(0), requests: 2, errors: 0, cost: 0.003, avg_latency_ms: 100 }),
    ]);
  });

  it("sums by user, with the address", async () => {
    expect(await usage("group_by=user")).toEqual([
      expect.objectContaining({ user_id: ada.id, email: "ada@example.org", requests: 252 }),
      expect.objectContaining({ user_id: bob.id, email: "bob@example.org", requests: 1 }),
    ]);
  });

  it("sums by key, with its name and prefix and whose it is", async () => {
    const [first] = await usage("group_by=key");
    expect(first).toMatchObject({
      key_id: ada.keyId,
      key_prefix: ada.prefix,
      key_name: expect.any(String),
      user_id: ada.id,
      email: "ada@example.org",
      requests: 252,
    });
  });

  it("sums by model, the dearest first", async () => {
    const groups = await usage("group_by=model");
    expect(groups.map(({ model, requests }) => [model, requests])).toEqual([
      ["large", 251],
      ["small", 2],
    ]);
  });

  it("counts as many days as are asked for, today included", async () => {
    expect((await usage("days=1")).map(({ date }) => date)).toEqual([dateOf(0)]);
    expect((await usage("days=2")).map(({ date }) => date)).toEqual([dateOf(0)]);
    expect((await usage("days=3")).map(({ date }) => date)).toEqual([dateOf(2), dateOf(0)]);
    expect((await usage("days=366")).map(({ date }) => date)).toEqual([dateOf(2), dateOf(0)]);
  });

  it("filters by user, key and model", async () => {
    const requestsOf = async (query: string) =>
      (await usage(query)).reduce((sum, { requests }) => sum + requests, 0);
    expect(await requestsOf(`user_id=${bob.id}`)).toBe(1);
    expect(await requestsOf(`key_id=${ada.keyId}`)).toBe(252);
    expect(await requestsOf("model=small")).toBe(2);
    expect(await requestsOf(`model=small&user_id=${ada.id}&group_by=key`)).toBe(1);
    expect(await requestsOf(`key_id=${bob.keyId}&user_id=${ada.id}`)).toBe(0);
    expect(await usage("model=absent")).toEqual([]);
  });

  it.each([
    ["group_by=hour", "group_by"],
    ["days=0", "days"],
    ["days=367", "days"],
    ["days=1e2", "days"],
    ["user_id=-1", "user_id"],
    ["key_id=x", "key_id"],
    ["model=", "model"],
  ])("400: %s", async (query, param) => {
    const { status, json } = await call<Refusal>(GET, "GET", { query });
    expect([status, json.error.param]).toEqual([400, param]);
  });
});
