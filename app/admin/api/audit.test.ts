/** Whatever an admin changes leaves an entry in the audit log. Operations are found, so that none can be forgotten. */
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { call } from "@/lib/admin/testing/call.ts";
import { openModelFiles } from "@/lib/admin/testing/model-files.ts";
import type { DiskServices } from "@/lib/admin/testing/successful-calls/call.ts";
import { successfulCalls } from "@/lib/admin/testing/successful-calls/index.ts";
import { operations } from "@/lib/openapi/operations.ts";

const app = path.resolve(import.meta.dirname, "../..");
/** Operations that nothing is left of, though they are no GET; and why. */
const changeNothing: Record<string, string> = {
  checkModelFit: "It only asks: a question about options has no place in a URL.",
  createEventsTicket:
    "A ticket lets the admin who asked look for half a minute, once. Nothing stored changes.",
};
const all = operations.filter(({ access, method }) => access === "admin" && method !== "get");
const changing = all.filter(({ id }) => !Object.hasOwn(changeNothing, id));

let services: DiskServices;
beforeAll(async () => {
  const { services: opened, place } = await openModelFiles();
  services = { ...opened, place };
});
afterAll(() => services.close());

const lastEntry = () =>
  services.inspect<{ id: number }>("SELECT ifnull(max(id), 0) AS id FROM audit_log")[0]?.id ?? 0;

it("finds the operations", () => {
  expect(changing.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["createUser", "changeConfig", "loadModel"]),
  );
});

it("exempts only operations that there are", () => {
  expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(changeNothing)));
});

it.each(changing.map(({ id, method, path }) => [id, method.toUpperCase(), path] as const))(
  "%s",
  async (id, method, route) => {
    const prepare = successfulCalls[id];
    if (!prepare) throw new Error(`lib/admin/testing/successful-calls has no call of ${id}: add one.`);
    const sent = await prepare(services);
    const file = `${route.replaceAll(/\{(\w+)\}/g, "[$1]")}/route.ts`;
    const handler = (await import(path.join(app, file)))[method];
    const before = lastEntry();
    const requestId = `audited-${id}`;
    const headers = { ...sent.headers, "x-request-id": requestId };
    const { status, json } = await call(handler, method, { ...sent, headers });
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
