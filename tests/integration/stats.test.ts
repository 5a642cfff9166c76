/** What users and admins learn of what was used. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, hello } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

interface Summary {
  requests: number;
  tokens_in: number;
  tokens_out: number;
  cost: number;
}

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({
    config: { ...unlimited, pricing: { input_per_1k: 0.001, output_per_1k: 0.003 } },
  });
  await gateway.loadModel(0, { model_path: modelFiles.text });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function summary(key: string): Promise<Summary> {
  const response = await gateway.fetch("/v1/stats/summary", { headers: { authorization: `Bearer ${key}` } });
  expect(response.status).toBe(200);
  return (await response.json()) as Summary;
}

test("a key sees its own day, an admin everybody's", async () => {
  const users = [await gateway.createUser(), await gateway.createUser()];
  const usages = [];
  for (const { apiKey } of [users[0], users[0], users[1]].filter((user) => user !== undefined)) {
    const response = await chat({ url: gateway.url, key: apiKey }, { ...hello, model: "tiny-text" });
    usages.push(
      ((await response.json()) as { usage: { prompt_tokens: number; completion_tokens: number } }).usage,
    );
  }
  const [first, second] = usages;
  if (!first || !second) throw new Error("There were requests.");
  const tokensIn = first.prompt_tokens + second.prompt_tokens;
  const tokensOut = first.completion_tokens + second.completion_tokens;
  expect(await summary(users[0]?.apiKey ?? "")).toMatchObject({
    window_hours: 24,
    requests: 2,
    errors: 0,
    tokens_in: tokensIn,
    tokens_out: tokensOut,
    cost: (tokensIn * 1_000 + tokensOut * 3_000) / 1e9,
  });
  expect(await summary(gateway.adminKey)).toMatchObject({ requests: 3 });
});
