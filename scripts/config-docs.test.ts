import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { configurationDocument, documentFile } from "./config-docs.ts";

it("docs/configuration.md is what the schemas say: else run `node --import tsx scripts/config-docs.ts`", () => {
  expect(readFileSync(documentFile, "utf8")).toBe(configurationDocument());
});

it("gives every key a meaning", () => {
  const rows = configurationDocument()
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => / \.? \|$/.test(row))).toEqual([]);
});
