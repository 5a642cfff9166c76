/** What holds for every route of the admin API. Routes are found, so that a new one need not be named here. */
import { readdirSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { operations } from "@/lib/openapi/operations.ts";

type Handler = Parameters<typeof call>[0];

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
  .filter((file) => path.basename(file) === "route.ts")
  .filter((file) => !file.startsWith("[...path]"));

const routes = await Promise.all(
  files.map(
    async (file): Promise<[string, Record<string, Handler>]> => [
      path.dirname(file),
      await import(path.join(import.meta.dirname, file)),
    ],
  ),
);

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const endpoints = routes.flatMap(([name, handlers]) => methods.map((method) => ({ name, method, handlers })));

let services: AdminServices;
let userKey: string;
beforeAll(async () => {
  services = await openServices();
  userKey = (await services.createUser("user@example.org")).apiKey;
});
afterAll(() => services.close());

const handlerOf = ({ handlers, method }: (typeof endpoints)[number]): Handler => {
  const handler = handlers[method];
  if (!handler) throw new Error(`${method} is not exported.`);
  return handler;
};

it("finds the routes", () => {
  expect(routes.map(([name]) => name)).toEqual(expect.arrayContaining(["users", "slots/load", "config"]));
});

/** Unknown members would be dropped without a word, as a mistyped option of a load. */
describe("bodies and queries are closed", () => {
  const checked = operations.filter(({ path }) => /^\/(admin|user)\/api\/|^\/api\/signup$/.test(path));
  const schemas = checked.flatMap(({ id, body, query }) => [
    ...(body?.mediaType === undefined && body ? [[`${id}: body`, body.schema] as const] : []),
    ...(query ? [[`${id}: query`, query] as const] : []),
  ]);
  // The configuration keeps what a newer version has written.
  it.each(schemas.filter(([name]) => name !== "changeConfig: body"))("%s", (_name, schema) => {
    const refused = schema.safeParse({ sprung: 1 }).error?.issues ?? [];
    expect(refused).toContainEqual(expect.objectContaining({ code: "unrecognized_keys", keys: ["sprung"] }));
  });
});

describe.each(endpoints)("$method $name", (endpoint) => {
  const { method } = endpoint;

  it("is closed to everybody but admins", async () => {
    for (const [key, status] of [
      [null, 401],
      [`sk-${"0".repeat(48)}`, 401],
      [userKey, 403],
    ] as const) {
      const answer = await call<Refusal>(handlerOf(endpoint), method, { key });
      // A method that no one has is refused before anybody is asked who they are.
      expect([status, 405]).toContain(answer.status);
      expect(answer.json.error.message).not.toBe("");
    }
  });

  it("refuses a parameter that it does not know", async () => {
    const params = { id: "1", slot: "4801", job: "j", name: "backup-2026-01-01T00-00-00.000Z.tar.gz" };
    const { status, json } = await call<Refusal>(handlerOf(endpoint), method, { params, query: "rnage=90d" });
    if (status === 405) return;
    expect(status).toBe(400);
    // Or one that is missing.
    expect(json.error.param).toMatch(/^(rnage|repo_id|q|name)$/);
  });

  it("answers bad input with a refusal, never with a failure", async () => {
    const words = fc.constantFrom(
      "email",
      "tier",
      "balance",
      "limits",
      "slot",
      "model_path",
      "remote",
      "wait",
      "name",
    );
    const json = fc.oneof(fc.jsonValue(), fc.dictionary(words, fc.jsonValue()));
    const text = fc.oneof(
      json.map((value) => JSON.stringify(value)),
      fc.string(),
    );
    const odd = fc.oneof(
      fc.string(),
      fc.constantFrom("0", "-1", "1e9", "99999", "4801", "%00", "../x", "__proto__"),
    );
    // A parameter that a route does not know is refused before anything else is looked at.
    const question = fc.option(fc.tuple(fc.constantFrom("lines", "limit", "days"), odd), { nil: [] });
    await fc.assert(
      fc.asyncProperty(text, odd, question, async (body, value, [name, asked]) => {
        const query = name === undefined ? "" : `${name}=${encodeURIComponent(asked ?? "")}`;
        const options = { params: { id: value, slot: value }, query };
        const sent = method === "GET" ? options : { ...options, text: body };
        const { status } = await call(handlerOf(endpoint), method, sent);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 40 },
    );
  });
});
