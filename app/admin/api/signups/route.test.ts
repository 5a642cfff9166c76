import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { invitationHash } from "@/lib/signups/invitation.ts";
import { POST as approve } from "./[id]/approve/route.ts";
import { POST as reject } from "./[id]/reject/route.ts";
import { GET } from "./route.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

let nextId = 1;
/** A new sign-up's id. */
async function submit(
  tier: "payg" | "sub" = "payg",
  userId: number | null = null,
  email = `user-${nextId}@example.org`,
) {
  await services.database.signups.submit({ email, tier, message: "Hello", userId }, 1000, 1_764_000_000_000);
  return { id: nextId++, email };
}

interface Approved {
  user: { id: number; email: string; tier: string; balance: number };
  api_key: string | null;
  invitation: { url: string; expires_at: string } | null;
}
const decide = <Json = Approved>(
  how: typeof approve | typeof reject,
  id: number | string,
  body?: unknown,
  headers: Record<string, string> = { host: "gateway.example:4000" },
) => call<Json>(how, "POST", { body, params: { id: String(id) }, headers });

describe("approve", () => {
  it("200: a user with the balance, a key that works, and an invitation that works once", async () => {
    const { id, email } = await submit("sub");
    const { status, json } = await decide(approve, id, { balance: 2.5 });
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: "approved", user: { email, tier: "sub", balance: 2.5 } });
    expect(services.accounts.authenticate(json.api_key ?? "")?.account.email).toBe(email);

    const [, token = ""] =
      /^http:\/\/gateway\.example:4000\/invitation#([\w-]{43})$/.exec(json.invitation?.url ?? "") ?? [];
    const { invitations } = services.database;
    expect(services.inspect("SELECT hash FROM invitations")).toEqual([{ hash: invitationHash(token) }]);
    expect(Date.parse(json.invitation?.expires_at ?? "") - Date.now()).toBeCloseTo(7 * 86_400_000, -5);
    expect(await invitations.use(invitationHash(`${token}x`), Date.now())).toBeNull();
    expect(await invitations.use(invitationHash(token), Date.now() + 8 * 86_400_000)).toBeNull();
    const uses = await Promise.all([1, 2, 3].map(() => invitations.use(invitationHash(token), Date.now())));
    expect(uses.filter((user) => user !== null)).toEqual([json.user.id]);
  });

  it("200: with the start balance of the config, at the public address, in the tier of the admin's choice", async () => {
    await services.config.patch({ signup: { start_balance: 1 }, public_url: "https://ai.example/base/" });
    const { json } = await decide(approve, (await submit()).id);
    expect(json.user).toMatchObject({ tier: "payg", balance: 1 });
    expect(json.invitation?.url).toMatch(/^https:\/\/ai\.example\/base\/invitation#/);
    await services.config.patch({
      signup: { start_balance: 0 },
      tiers: { sub: { start_balance: 3 } },
      public_url: null,
    });
    expect((await decide(approve, (await submit()).id, { tier: "sub" })).json.user).toMatchObject({
      tier: "sub",
      balance: 3,
    });
  });

  it("400: asks for a balance where there would be none, unless none is meant", async () => {
    const { id } = await submit();
    const { status, json } = await decide<Refusal>(approve, id);
    expect({ status, param: json.error.param }).toEqual({ status: 400, param: "balance" });
    expect((await decide(approve, id, { balance: 0 })).json.user.balance).toBe(0);
    for (const body of [{ balance: -1 }, { tier: "gold" }])
      expect((await decide(approve, id, body)).status).toBe(400);
  });

  it("404 and 409: what is not there, and what is decided; of two at once one decides", async () => {
    expect((await decide(approve, 999)).status).toBe(404);
    expect((await decide(reject, 999)).status).toBe(404);
    const { id, email } = await submit();
    const answers = await Promise.all([
      decide(reject, id),
      decide(approve, id, { balance: 1 }),
      decide(reject, id),
      decide(approve, id, { balance: 1 }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
    const isApproved = answers[1].status === 200 || answers[3].status === 200;
    expect(services.accounts.list().filter((account) => account.email === email)).toHaveLength(
      isApproved ? 1 : 0,
    );
  });

  it("409: an address that has an account by now, and nothing is half done", async () => {
    const { id, email } = await submit();
    await services.createUser(email);
    expect((await decide(approve, id, { balance: 1 })).status).toBe(409);
    expect(services.inspect(`SELECT status FROM signups WHERE id = ${id}`)).toEqual([{ status: "pending" }]);
    expect((await decide(reject, id)).status).toBe(200);
  });

  it("200: changes the tier of the user who asks, with the balance that is said", async () => {
    const { id: userId, apiKey } = await services.createUser("asks@example.org");
    const first = await submit("sub", userId, "asks@example.org");
    expect((await decide(approve, first.id)).status).toBe(400); // Nothing to spend in either tier.
    const { json } = await decide(approve, first.id, { balance: 4 });
    expect(json).toMatchObject({
      user: { id: userId, tier: "sub", balance: 4 },
      api_key: null,
      invitation: null,
    });
    expect(services.accounts.authenticate(apiKey)?.account).toMatchObject({
      tier: "sub",
      balanceNanos: 4_000_000_000,
    });
    const second = await submit("payg", userId, "asks@example.org");
    expect((await decide(approve, second.id)).json.user).toMatchObject({ tier: "payg", balance: 4 });
    expect((await decide(approve, second.id)).status).toBe(409);
  });

  it("409: takes no administrator's rights away", async () => {
    const { id: userId } = await services.createUser("boss@example.org");
    const { id } = await submit("sub", userId, "boss@example.org");
    await services.accounts.updateUser(
      userId,
      { tier: "admin" },
      { userId: 1, keyId: 1, requestId: "r" },
      "",
    );
    expect((await decide(approve, id, { balance: 1 })).status).toBe(409);
    expect(services.accounts.account(userId)?.tier).toBe("admin");
  });
});

describe("reject", () => {
  it("200: keeps the reason in the audit log, and the address may ask again", async () => {
    const { id, email } = await submit();
    expect((await decide<object>(reject, id, { reason: "Unknown" })).json).toEqual({
      id,
      status: "rejected",
    });
    const [entry] = services.inspect<{ detail: string }>(
      `SELECT detail FROM audit_log WHERE action = 'signup.reject' AND target = 'signup:${id}'`,
    );
    expect(JSON.parse(entry?.detail ?? "")).toEqual({
      before: { status: "pending" },
      after: { status: "rejected" },
      reason: "Unknown",
    });
    await submit("payg", null, email);
    expect(services.inspect(`SELECT count(*) AS n FROM signups WHERE email = '${email}'`)).toEqual([
      { n: 2 },
    ]);
  });
});

describe("GET signups", () => {
  it("200: by status, newest first, page by page; no token anywhere", async () => {
    const ids = async (query: string) =>
      (await call<{ data: { id: number; status: string }[] }>(GET, "GET", { query })).json.data.map(
        ({ id }) => id,
      );
    const all = await ids("");
    expect(all).toEqual(all.toSorted((one, other) => other - one));
    expect(await ids(`limit=2&before=${all[1]}`)).toEqual(all.slice(2, 4));
    const parts = await Promise.all(
      ["pending", "approved", "rejected"].map((status) => ids(`status=${status}`)),
    );
    expect(parts.flat().toSorted()).toEqual(all.toSorted());
    for (const part of parts) expect(part).not.toEqual([]);
    expect((await call(GET, "GET", { query: "status=open" })).status).toBe(400);
  });
});
