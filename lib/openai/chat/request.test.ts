import { describe, expect, it } from "vitest";
import { wrongValue } from "../../wrong-value.ts";
import { chatRequest } from "./request.ts";

const hello = { role: "user", content: "hello" };
const call = (fields: object) => chatRequest.safeParse({ messages: [hello], ...fields });

function refusal(fields: object): string {
  const { error } = call(fields);
  return error ? wrongValue(error).message : "accepted";
}

describe.each(["max_tokens", "max_completion_tokens"] as const)("%s", (field) => {
  it("of -1 is no bound of the client's own", () => {
    expect(call({ [field]: -1 }).data?.[field]).toBe(null);
    expect(call({ [field]: 7 }).data?.[field]).toBe(7);
    expect(call({}).data).not.toHaveProperty(field);
  });

  it.each([0, -2, -1.5, 1.5, "7", 2 ** 60])("of %s is refused", (tokens) => {
    expect(refusal({ [field]: tokens })).toContain(`\`${field}\` `);
  });
});

const entries = (count: number, value: unknown, prefix = "") =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, value]));
const tool = (parameters: object) => ({ type: "function", function: { name: "a", parameters } });
const withContent = (content: unknown) => ({ messages: [{ role: "user", content }] });

/** Every list and object of a request that may be long: how long, where it stands, and a request with that many. */
const bounded: [number, string, (count: number) => object][] = [
  [10_000, "messages", (count) => ({ messages: Array(count).fill(hello) })],
  [10_000, "messages[0].content", (count) => withContent(Array(count).fill({ type: "text", text: "x" }))],
  [128, "tools", (count) => ({ tools: Array(count).fill(tool({})) })],
  [1_000, "tools[0].function.parameters", (count) => ({ tools: [tool(entries(count, 1, "x"))] })],
  [16, "stop", (count) => ({ stop: Array(count).fill("x") })],
  [300, "logit_bias", (count) => ({ logit_bias: entries(count, 1) })],
  [16, "chat_template_kwargs", (count) => ({ chat_template_kwargs: entries(count, 1, "x") })],
];

describe.each(bounded)("at most %i entries of %s", (most, path, body) => {
  it("are taken, and one more is refused", () => {
    expect(refusal(body(most))).toBe("accepted");
    expect(refusal(body(most + 1))).toContain(`\`${path}\` `);
  });
});

it("counts the entries of an object before it looks at them", () => {
  expect(refusal({ logit_bias: entries(301, "wrong", "x") })).toContain("at most 300 entries");
  expect(refusal({ logit_bias: entries(300, "wrong", "x") })).toContain("must be a token id");
  expect(refusal({ logit_bias: [1] })).toContain("expected record");
});
