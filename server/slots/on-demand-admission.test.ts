/** Loading on demand through the whole way of a request: nobody loads anything who could not use it. */
import { beforeEach, expect, it } from "vitest";
import { adminKey } from "../../lib/admin/testing/services.ts";
import { chat, hello, sentence } from "../../tests/harness/chat.ts";
import { type OpenGateway, openGateway } from "./test-support/open-gateway.ts";

const nobody = { userId: null, keyId: null, requestId: "req_test" };
let gateway: OpenGateway;
beforeEach(async () => {
  gateway = await openGateway(adminKey);
});

const ask = (key: string, model = "tiny-text") => chat({ ...gateway.target, key }, { ...hello, model });
const loaded = async () =>
  (await gateway.rig.slots.snapshot()).filter(({ status }) => status !== "empty").length;

it("a request with money and rights loads a model, and is answered by it", async () => {
  const response = await ask(gateway.target.key);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain(sentence);
  expect(await loaded()).toBe(1);
});

it("one without money, without the right to the model, or without a key loads nothing", async () => {
  const { accounts } = gateway.services;
  const poor = await accounts.createUser({ email: "poor@example.org", tier: "payg" }, nobody, "test");
  const barred = await accounts.createUser(
    { email: "barred@example.org", tier: "sub", balanceNanos: 1_000_000_000, limits: { models: ["other"] } },
    nobody,
    "test",
  );
  const keys = [poor.apiKey, barred.apiKey, `sk-${"0".repeat(48)}`];
  const statuses = await Promise.all(keys.map(async (key) => (await ask(key)).status));
  expect(statuses).toEqual([402, 403, 401]);
  expect(await loaded()).toBe(0);
});
