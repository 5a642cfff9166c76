import { afterAll, beforeAll, expect, it } from "vitest";
import type { AuditReply } from "@/lib/admin/schemas/people.ts";
import { call } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { DELETE } from "../apikeys/[id]/route.ts";
import { PATCH } from "../users/[id]/route.ts";
import { POST } from "../users/route.ts";
import { GET } from "./route.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

const entries = async (query: string) =>
  (await call<{ data: AuditReply[] }>(GET, "GET", { query })).json.data;

it("200: what changed, before and after, by whom, and no secret", async () => {
  const headers = { "x-request-id": "tool-7" };
  const body = { email: "ann@example.org", tier: "payg", balance: 2, limits: { concurrency: 1 } };
  const { json: user } = await call<{ id: number; api_key: string }>(POST, "POST", { body, headers });
  const change = { tier: "sub", balance: 2, limits: { concurrency: 2 }, reason: "Asked for it" };
  const params = { id: String(user.id) };
  await call(PATCH, "PATCH", { body: change, params, headers });
  const [key] = services.accounts.keysOf(user.id);
  await call(DELETE, "DELETE", { params: { id: String(key?.id) }, headers });

  const found = await entries(`target=user:${user.id}`);
  expect(found.map(({ action }) => action)).toEqual(["user.update", "user.create"]);
  const admin = services.accounts.list().find(({ tier }) => tier === "admin");
  expect(found[0]).toMatchObject({
    actor: { user_id: admin?.id, email: "admin@localhost", key_name: "admin_key of the configuration" },
    request_id: "tool-7",
    detail: {
      before: { tier: "payg", limits: { concurrency: 1 } },
      after: { tier: "sub", limits: { concurrency: 2 } },
      reason: "Asked for it",
    },
  });
  expect(found[0]?.detail.before).not.toHaveProperty("balance"); // It did not change.
  expect(found[1]?.detail).toMatchObject({ after: { email: "ann@example.org", tier: "payg", balance: 2 } });
  expect(await entries(`target=key:${key?.id}&action=key.revoke`)).toMatchObject([
    { detail: { before: { user_id: user.id, name: "First key", prefix: user.api_key.slice(0, 8) } } },
  ]);
  expect(JSON.stringify(await entries("limit=1000"))).not.toContain(user.api_key);
});

it("200: newest first, page by page, and by kind", async () => {
  const { auditLog } = services.database;
  const cause = { actor: { userId: null, keyId: null, requestId: "req" }, atMs: 1, reason: "" };
  for (let number = 1; number <= 5; number++)
    await auditLog.record("test.count", `number:${number}`, {}, cause);
  await auditLog.record("testing.other", "number:0", {}, cause);
  const first = await entries("action=test.&limit=3");
  expect(first.map(({ target }) => target)).toEqual(["number:5", "number:4", "number:3"]);
  const second = await entries(`action=test.count&limit=3&before=${first.at(-1)?.id}`);
  expect(second.map(({ target }) => target)).toEqual(["number:2", "number:1"]);
  expect(second[0]?.actor).toBeNull();
  expect(await entries("action=test")).toEqual([]);
  for (const query of ["limit=0", "limit=1001", "before=x", "action="])
    expect((await call(GET, "GET", { query })).status, query).toBe(400);
});
