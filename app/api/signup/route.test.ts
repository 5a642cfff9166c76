import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { peerHeader } from "@/lib/client-address.ts";
import { GET as list } from "../../admin/api/signups/route.ts";
import { POST as upgrade } from "../../user/api/upgrade/route.ts";
import { POST } from "./route.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

let nextAddress = 1;
const signUp = <Json = Record<string, unknown>>(body: unknown, from?: Record<string, string>) => {
  const headers = from ?? { [peerHeader]: `203.0.113.${nextAddress++}` };
  return call<Json>(POST, "POST", { body, headers, key: null });
};
const pending = async () =>
  (await call<{ data: { email: string }[] }>(list, "GET", { query: "status=pending" })).json.data;

describe("POST signup", () => {
  it("200: waits for a decision, with its text as it came", async () => {
    const message = `<script>alert("1")</script>\n𝄞 "quoted" ${"x".repeat(1900)}`;
    const { status, json } = await signUp({ email: "Ann@Example.org", tier: "sub", message });
    expect(status).toBe(200);
    expect(json).toEqual({ status: "pending", message: expect.any(String) });
    expect(await pending()).toEqual([
      {
        id: 1,
        email: "ann@example.org",
        tier: "sub",
        message,
        user_id: null,
        status: "pending",
        created_at: expect.any(String),
        decided_at: null,
        decided_by: null,
      },
    ]);
  });

  it.each([
    ["email", {}],
    ["email", { email: "nobody" }],
    ["email", { email: `${"a".repeat(65)}@example.org` }],
    ["tier", { email: "b@example.org", tier: "admin" }],
    ["message", { email: "b@example.org", message: "x".repeat(2001) }],
    ["message", { email: "b@example.org", message: { html: "x" } }],
  ])("400: names %s of %j", async (param, body) => {
    const { status, json } = await signUp<Refusal>(body);
    expect({ status, param: json.error.param }).toEqual({ status: 400, param });
  });

  it("400: an address that has an account, or has asked already, in any case", async () => {
    await services.createUser("known@example.org");
    for (const email of ["KNOWN@example.org", "ANN@example.org"])
      expect(await signUp<Refusal>({ email })).toMatchObject({
        status: 400,
        json: { error: { param: "email" } },
      });
  });

  it("takes one of many at once from one address", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => signUp({ email: "many@example.org" })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await pending()).filter(({ email }) => email === "many@example.org")).toHaveLength(1);
  });

  it("403: where the config takes none", async () => {
    await services.config.patch({ signup: { enabled: false } });
    expect((await signUp({ email: "closed@example.org" })).status).toBe(403);
    await services.config.patch({ signup: { enabled: true } });
    expect((await signUp({ email: "open@example.org" })).status).toBe(200);
  });

  it("429: too many from one address, whatever it says in X-Forwarded-For", async () => {
    const from = (forwarded: number) => ({
      [peerHeader]: "198.51.100.7",
      "x-forwarded-for": `10.0.0.${forwarded}`,
    });
    for (let attempt = 0; attempt < 10; attempt++) expect((await signUp({}, from(attempt))).status).toBe(400);
    const refused = await signUp({ email: "late@example.org" }, from(99));
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.json).toMatchObject({ error: { message: expect.stringContaining("in 60 min.") } });
    await services.config.patch({ trusted_proxies: ["198.51.100.7"] });
    expect((await signUp({ email: "late@example.org" }, from(99))).status).toBe(200);
    await services.config.patch({ trusted_proxies: [] });
  });
});

describe("POST upgrade", () => {
  const ask = <Json = Record<string, unknown>>(key: string | null, body: unknown) =>
    call<Json>(upgrade, "POST", { key, body });

  it("200: lands with the sign-ups, once; 400 for what makes no sense, 401 for nobody", async () => {
    const { id, apiKey } = await services.createUser("ben@example.org");
    expect((await ask(null, { tier: "sub" })).status).toBe(401);
    for (const tier of ["payg", "admin", undefined]) expect((await ask(apiKey, { tier })).status).toBe(400);
    expect((await ask(apiKey, { tier: "sub", message: "More, please" })).json).toMatchObject({
      status: "pending",
    });
    expect((await ask(apiKey, { tier: "sub" })).status).toBe(400);
    expect(await pending()).toContainEqual(
      expect.objectContaining({
        email: "ben@example.org",
        user_id: id,
        tier: "sub",
        message: "More, please",
      }),
    );
  });
});

describe("POST signup, when many wait", () => {
  it("503: when too many wait, for an admin to look through", async () => {
    const { signups } = services.database;
    const crowd = { tier: "payg" as const, message: "", userId: null };
    for (let number = (await signups.list("pending", null, 1000)).length; number < 1000; number++)
      await signups.submit({ ...crowd, email: `${number}@crowd.example` }, 1000, 1);
    const { status, headers } = await signUp({ email: "one-more@example.org" });
    expect([status, headers.get("retry-after")]).toEqual([503, "60"]);
  });
});
