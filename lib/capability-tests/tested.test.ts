import { expect, it } from "vitest";
import { testedOf } from "./tested.ts";

const row = (modelId: string, capability: string, fingerprint: string) => ({
  modelId,
  capability,
  fingerprint,
  works: true,
  detail: "It did.",
  requestId: "req_1",
  atMs: 5_000,
});

it("shows a model's own results, of the files that it has now", () => {
  const rows = [
    row("m", "tools", "1@9000000000000"),
    row("m", "reasoning", "1@8"),
    row("m", "json_schema", "1@90000000000000"),
    row("other", "tools", "1@9000000000000"),
  ];
  expect(testedOf(rows, { id: "m", fingerprint: "1@9000000000000" })).toEqual({
    tools: { works: true, detail: "It did.", at: "1970-01-01T00:00:05.000Z", request_id: "req_1" },
  });
});

it("shows what was found with a projector or a draft model, whose files come behind its own", () => {
  const rows = [row("m", "image", "1@1 2@2 7@7"), row("m", "tools", "7@7 1@1 2@2")];
  expect(Object.keys(testedOf(rows, { id: "m", fingerprint: "1@1 2@2" }))).toEqual(["image"]);
});

it("shows everything of a model without files here", () => {
  expect(Object.keys(testedOf([row("m", "tools", "")], { id: "m", fingerprint: null }))).toEqual(["tools"]);
});
