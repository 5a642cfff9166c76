/** Whatever an admin changes leaves an entry in the audit log. Operations are found, so that none can be forgotten. */
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { call } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { successfulCalls } from "@/lib/admin/testing/successful-calls.ts";
import { operations } from "@/lib/openapi/operations.ts";

const app = path.resolve(import.meta.dirname, "../..");
const changing = operations.filter(({ access, method }) => access === "admin" && method !== "get");

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

const lastEntry = () =>
  services.inspect<{ id: number }>("SELECT ifnull(max(id), 0) AS id FROM audit_log")[0]?.id ?? 0;

it("finds the operations", () => {
  expect(changing.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["createUser", "changeConfig", "loadModel"]),
  );
});

it.each(changing.map(({ id, method, path }) => [id, method.toUpperCase(), path] as const))(
  "%s",
  async (id, method, route) => {
    const prepare = successfulCalls[id];
    if (!prepare) throw new Error(`lib/admin/testing/successful-calls.ts has no call of ${id}: add one.`);
    const { params, body } = await prepare(services);
    const file = `${route.replaceAll(/\{(\w+)\}/g, "[$1]")}/route.ts`;
    const handler = (await import(path.join(app, file)))[method];
    const before = lastEntry();
    const requestId = `audited-${id}`;
    const sent = { params, body, headers: { "x-request-id": requestId } };
    const { status, json } = await call(handler, method, sent);
    expect(status, JSON.stringify(json)).toBeLessThan(300);
    const admin = services.accounts.list().find(({ tier }) => tier === "admin");
    const entries = services.inspect<{ actor: number; detail: string }>(
      `SELECT actor_user_id AS actor, detail FROM audit_log WHERE id > ${before} AND request_id = '${requestId}'`,
    );
    expect(entries.length).toBeGreaterThan(0);
    for (const { actor, detail } of entries) {
      expect(actor).toBe(admin?.id);
      expect(detail).not.toMatch(/sk-[0-9a-f]{9}/);
    }
  },
);
