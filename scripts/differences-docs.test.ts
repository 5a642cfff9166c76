import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { differencesDocument, documentFile } from "./differences-docs.ts";

it("docs/differences-from-llama-server.md is what the test's list says: else run `node --import tsx scripts/differences-docs.ts`", () => {
  expect(readFileSync(documentFile, "utf8")).toBe(differencesDocument());
});
