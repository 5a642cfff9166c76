import { expect, it } from "vitest";
import { ResponseOutput } from "./output.ts";

type Part = Parameters<ResponseOutput["addPart"]>[0];
const part = (delta: Part["delta"], more: object = {}): Part => ({ index: 0, delta, ...more }) as Part;
const call = (id: string) =>
  part({ tool_calls: [{ index: 0, id, function: { name: "f", arguments: "{}" } }] });
const megabyte = "x".repeat(1024 * 1024);

it.each([
  ["text", [part({ content: megabyte })]],
  ["arguments", [part({ tool_calls: [{ index: 0, function: { arguments: megabyte } }] })]],
  ["thoughts and words in turn", [part({ reasoning_content: "hm" }), part({ content: "a" })]],
  ["calls", [call("a"), call("b")]],
  ["log probabilities", [part({}, { logprobs: { content: Array(100).fill({}) } })]],
])("an answer of endless %s is given up", (_name, parts) => {
  const output = new ResponseOutput("1", () => {});
  const write = () => {
    for (let count = 0; count < 200_000; count++) for (const next of parts) output.addPart(next);
  };
  expect(write).toThrow(/malformed/);
});

it("other choices than the first are left out", () => {
  const output = new ResponseOutput("1", () => {});
  output.addPart({ ...part({ content: "b" }), index: 1 });
  output.addText("a");
  output.end();
  expect(output.items).toMatchObject([{ content: [{ text: "a" }] }]);
});
