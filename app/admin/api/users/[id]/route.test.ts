import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { userExport } from "@/lib/admin/schemas/people.ts";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { exportUser, streamOf } from "@/lib/admin/user-export.ts";
import { settlement } from "@/server/database/testing/samples.ts";
import { POST as backup } from "../../backup/route.ts";
import { GET as list } from "../route.ts";
import { GET as exported } from "./export/route.ts";
import { DELETE, GET } from "./route.ts";

let services: AdminServices;
let user: { id: number; apiKey: string; email: string };
let next = 1;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());
beforeEach(async () => {
  const email = `person-${next++}@example.org`;
  user = { ...(await services.createUser(email)), email };
});

const at = (id: number) => ({ params: { id: String(id) } });
const remove = <Json = Record<string, unknown>>(id: number, body: unknown) =>
  call<Json>(DELETE, "DELETE", { body, ...at(id) });

describe("GET users", () => {
  it("200: finds a part of an address, and goes on page by page", async () => {
    for (const name of ["zoe", "zed", "zac"]) await services.createUser(`${name}@find.example`);
    type Page = { data: { id: number; email: string }[]; total: number; has_more: boolean };
    const page = async (query: string) => (await call<Page>(list, "GET", { query })).json;
    const first = await page("search=@FIND&limit=2");
    expect(first).toMatchObject({ total: 3, has_more: true });
    const second = await page(`search=@FIND&limit=2&after=${first.data[1]?.id}`);
    expect(second).toMatchObject({ total: 3, has_more: false });
    expect([...first.data, ...second.data].map(({ email }) => email.slice(0, 3))).toEqual([
      "zoe",
      "zed",
      "zac",
    ]);
    expect((await call(list, "GET", { query: "limit=1001" })).status).toBe(400);
  });
});

describe("GET users/{id}", () => {
  it("200: the user with keys; 404: nobody", async () => {
    const { status, json } = await call(GET, "GET", at(user.id));
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: user.id,
      email: user.email,
      api_keys: [{ prefix: user.apiKey.slice(0, 8) }],
    });
    expect((await call(GET, "GET", at(99_999))).status).toBe(404);
  });
});

describe("GET users/{id}/export", () => {
  /** So many requests, each with its ledger row. */
  async function settle(count: number): Promise<void> {
    const [key] = services.accounts.keysOf(user.id);
    const own = { userId: user.id, keyId: key?.id ?? 0, costNanos: 1000 };
    await Promise.all(Array.from({ length: count }, () => services.accounts.settle(settlement(own))));
  }

  it("200: all that is kept about the user, whole, of every page, and of nobody else", async () => {
    await services.accounts.updateUser(user.id, { balanceNanos: 1_000_000_000 }, nobody, "paid");
    await settle(1200);
    await services.database.signups.submit(
      { email: user.email, tier: "sub", message: "Hi", userId: user.id },
      10,
      1,
    );
    await services.createUser("bystander@example.org");
    const { status, headers, json } = await call(exported, "GET", at(user.id));
    expect(status).toBe(200);
    expect(headers.get("content-disposition")).toContain(`user-${user.id}.json`);
    const data = userExport.parse(json);
    expect(data.user).toMatchObject({ id: user.id, email: user.email });
    expect(data.transactions).toHaveLength(1201);
    expect(new Set(data.transactions.map(({ id }) => id)).size).toBe(1201);
    expect(data.transactions.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(data.user.balance, 9);
    expect(new Set(data.requests.map(({ request_id }) => request_id)).size).toBe(1200);
    expect(data.signups).toMatchObject([{ message: "Hi" }]);
    expect(data.audit.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["user.create", "key.create", "user.update", "user.export"]),
    );
    const text = JSON.stringify(json);
    for (const absent of [user.apiKey, "bystander"]) expect(text).not.toContain(absent);
  });

  it("reads no further than it is taken", async () => {
    await settle(1200);
    const account = services.accounts.account(user.id);
    if (!account) throw new Error("The user is gone.");
    let pages = 0;
    const { ledger, ...others } = services.database.userExport;
    const counting = {
      ...others,
      ledger: (...input: Parameters<typeof ledger>) => {
        pages++;
        return ledger(...input);
      },
    };
    const stream = streamOf(exportUser(account, { ...services, database: { userExport: counting } }));
    const reader = stream.getReader();
    for (let piece = 0; piece < 4; piece++) await reader.read();
    await reader.cancel();
    expect(pages).toBeLessThanOrEqual(2);
  });
});

const nobody = { userId: null, keyId: null, requestId: "req_test" };

describe("DELETE users/{id}", () => {
  it("200: the key ends, the user is in no list, and older backups and copies are named", async () => {
    const { json: kept } = await call(backup, "POST");
    const copy = "gateway-before-20260101000000_note.db";
    await writeFile(path.join(path.dirname(String(kept.path)), copy), "a copy");
    const { status, json } = await remove(user.id, { confirm: user.email.toUpperCase() });
    expect(status).toBe(200);
    expect(json).toMatchObject({ id: user.id, deleted: true, erased: true, backups: [copy, kept.name] });
    expect(services.accounts.authenticate(user.apiKey)).toBeNull();
    expect((await call(GET, "GET", at(user.id))).status).toBe(404);
    const { json: users } = await call(list, "GET");
    expect(JSON.stringify(users)).not.toContain(user.email);
    expect(JSON.stringify(users)).not.toContain("invalid");
    expect((await remove(user.id, { confirm: user.email })).status).toBe(404);
  });

  it("400: without the address", async () => {
    for (const body of [undefined, {}, { confirm: "other@example.org" }, { confirm: true }])
      expect(await remove<Refusal>(user.id, body)).toMatchObject({
        status: 400,
        json: { error: { param: "confirm" } },
      });
    expect(services.accounts.authenticate(user.apiKey)).not.toBeNull();
  });

  it("409: while a request is under way; afterwards it works", async () => {
    const need = { costNanos: 1, tokens: 1, minuteTokens: 1 };
    const reservation = services.commitments.reserve(user.id, 1, need, performance.now());
    expect((await remove(user.id, { confirm: user.email })).status).toBe(409);
    expect(services.accounts.authenticate(user.apiKey)?.account.active).toBe(true);
    reservation.close({ costNanos: 0, tokens: 0 });
    expect((await remove(user.id, { confirm: user.email })).status).toBe(200);
  });

  it("409: the own account", async () => {
    const admin = services.accounts.list().find(({ tier }) => tier === "admin");
    expect((await remove(admin?.id ?? 0, { confirm: admin?.email })).status).toBe(409);
  });
});
