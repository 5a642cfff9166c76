import { afterAll, beforeAll, expect, test } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { GET, POST } from "./route.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

interface Listed {
  data: { id: number; kind: string; amount: number; reason: string }[];
}

async function newUser() {
  const { id } = await services.createUser(`${crypto.randomUUID()}@example.org`);
  const params = { id: String(id) };
  return {
    add: (body: object) => call<{ balance: number } & Refusal>(POST, "POST", { params, body }),
    list: (query = "") => call<Listed>(GET, "GET", { params, query }),
  };
}

test("each change has its kind, amount and reason, newest first", async () => {
  const user = await newUser();
  expect(await user.add({ kind: "top_up", amount: 10.5, reason: "invoice 7" })).toMatchObject({
    status: 201,
    json: { balance: 10.5 },
  });
  await user.add({ kind: "refund", amount: 0.000000001, reason: "req_1 was wrong" });
  expect((await user.add({ kind: "correction", amount: -0.5, reason: "mistyped" })).json.balance).toBe(
    10.000000001,
  );
  const { data } = (await user.list()).json;
  expect(data.map(({ kind, amount, reason }) => `${kind} ${amount} ${reason}`)).toEqual([
    "correction -0.5 mistyped",
    "refund 1e-9 req_1 was wrong",
    "top_up 10.5 invoice 7",
  ]);
  expect((await user.list(`limit=1&before=${data[0]?.id}`)).json.data).toEqual([data[1]]);
});

test("no balance falls below zero, not by two corrections at once either", async () => {
  const user = await newUser();
  await user.add({ kind: "top_up", amount: 1, reason: "first" });
  const take = { kind: "correction", amount: -0.6, reason: "twice" };
  const answers = await Promise.all([user.add(take), user.add(take)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  expect((await user.list()).json.data).toHaveLength(2);
});

test.each([
  [{ kind: "top_up", amount: -1, reason: "x" }, "amount"],
  [{ kind: "refund", amount: 0, reason: "x" }, "amount"],
  [{ kind: "correction", amount: 0, reason: "x" }, "amount"],
  [{ kind: "top_up", amount: 1e-10, reason: "x" }, "amount"],
  [{ kind: "charge", amount: 1, reason: "x" }, "kind"],
  [{ kind: "top_up", amount: 1, reason: "  " }, "reason"],
  [{ kind: "top_up", amount: 1 }, "reason"],
])("400 with the field: %j", async (body, param) => {
  const { status, json } = await (await newUser()).add(body);
  expect(status).toBe(400);
  expect(json.error.param).toBe(param);
});

test("404 for a user who is not there", async () => {
  const params = { id: "999999" };
  const body = { kind: "top_up", amount: 1, reason: "x" };
  expect((await call(POST, "POST", { params, body })).status).toBe(404);
  expect((await call(GET, "GET", { params })).status).toBe(404);
});
