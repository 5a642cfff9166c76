/** What engines keep of earlier prompts never gets into the answer to another. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

/** Long ones and short ones with the same beginnings, so that much of them is found again. */
const prompts = [
  "count",
  "say hello",
  "how is the world",
  `count ${"b ".repeat(30)}`,
  `a ${"b ".repeat(50)}`,
  "say one",
  "say two",
];

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.text, ctx_size: 1024, parallel: 2 });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

/** Numbers without a pattern, the same in every run. */
function* random(): Generator<number> {
  for (let value = 99; ; value = (value * 1_103_515_245 + 12_345) % 2 ** 31) yield value / 2 ** 31;
}

test("people who ask for several answers do not disturb those who ask something else", async () => {
  const keys = [(await gateway.createUser()).apiKey, (await gateway.createUser()).apiKey];
  const numbersFrom = random();
  const oneOf = <Value>(list: readonly Value[]) =>
    list[Math.floor(Number(numbersFrom.next().value) * list.length)] as Value;
  const wrong: string[] = [];
  for (let round = 0; round < 200; round++) {
    const content = oneOf(prompts);
    const body = {
      messages: [{ role: "user", content }],
      temperature: 0,
      max_tokens: oneOf([1, 6, 40]),
      n: oneOf([1, 1, 1, 2]),
    };
    const response = await chat({ url: gateway.url, key: oneOf(keys) }, body);
    const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
    const beginning = content.startsWith("count") ? " one" : "hello";
    for (const { message } of choices)
      if (!message.content.startsWith(beginning)) wrong.push(`${round}: ${content}: ${message.content}`);
  }
  expect(wrong).toEqual([]);
});
