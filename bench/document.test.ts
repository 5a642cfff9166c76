import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { replaceSection } from "./document.ts";

const document = path.resolve(import.meta.dirname, "..", "docs", "performance.md");

test.each(["figures", "profile"] as const)(
  "the section %s is replaced, and nothing else",
  async (section) => {
    const text = await readFile(document, "utf8");
    const once = replaceSection(text, section, "first");
    const twice = replaceSection(once, section, "second");
    expect(twice).toContain("\n\nsecond\n\n");
    expect(twice).toBe(once.replace("\n\nfirst\n\n", "\n\nsecond\n\n"));
    expect(once.split("\n")[0]).toBe(text.split("\n")[0]);
  },
);

test("a document without the section is an error", () => {
  expect(() => replaceSection("# Performance", "figures", "x")).toThrow('no section "figures"');
});
