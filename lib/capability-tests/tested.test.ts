import { expect, it } from "vitest";
import { testedOf } from "./tested.ts";

const row = (modelId: string, capability: string, atMs: number) => ({
  modelId,
  capability,
  fingerprint: "1@1",
  works: true,
  detail: "It did.",
  requestId: "req_1",
  atMs,
});

it("shows a model's own results since its file was changed", () => {
  const rows = [row("m", "tools", 5_000), row("m", "reasoning", 1_000), row("other", "tools", 5_000)];
  expect(testedOf(rows, { id: "m", modifiedS: 2 })).toEqual({
    tools: { works: true, detail: "It did.", at: "1970-01-01T00:00:05.000Z", request_id: "req_1" },
  });
});
