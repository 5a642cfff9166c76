import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compatibilityDocument, documentFile, endpointNotes } from "./compatibility-docs.ts";

it("docs/openai-compatibility.md is what the schemas say: else run `node --import tsx scripts/compatibility-docs.ts`", () => {
  expect(readFileSync(documentFile, "utf8")).toBe(compatibilityDocument());
});

describe.each(endpointNotes.map((notes) => [notes.path, notes] as const))("%s", (_path, notes) => {
  const known = Object.keys(notes.schema.shape);

  it("says of every parameter in its schema what becomes of it", () => {
    const noted = Object.entries(notes.parameters).filter(([, { treatment }]) => treatment !== "ignored");
    expect(noted.map(([name]) => name).sort()).toEqual([...known].sort());
  });

  it("calls ignored only what the schema drops", () => {
    const ignored = Object.entries(notes.parameters).filter(([, { treatment }]) => treatment === "ignored");
    expect(ignored.filter(([name]) => known.includes(name))).toEqual([]);
  });
});
