import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { extraNames } from "./extra-options.ts";

it("docs/slots.md lists every further option, and no other", () => {
  const text = readFileSync(new URL("../../docs/slots.md", import.meta.url), "utf8");
  const [, section = ""] = /### `extra`(.*?)\n## /s.exec(text) ?? [];
  const list = section.slice(section.indexOf("warning:"));
  expect([...list.matchAll(/`(--[\w-]+)`/g)].map(([, name]) => name)).toEqual(extraNames);
});
