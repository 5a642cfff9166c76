import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fingerprint, Stamp } from "./stamp.mjs";

let root: string;
const put = (name: string, content: string) => {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), content);
};

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "stamp-"));
  put("lib/a.ts", "one");
  put("lib/deep/b.ts", "two");
  put("package.json", "{}");
});
afterEach(() => rmSync(root, { recursive: true }));

const inputs = ["lib", "package.json", "missing"];
const now = (facts: string[] = []) => fingerprint(root, inputs, facts);

test("changes with a file's bytes, a name, a new file, one that appears, and a fact", () => {
  const seen = new Set([now()]);
  put("lib/deep/b.ts", "three");
  seen.add(now());
  renameSync(path.join(root, "lib/deep/b.ts"), path.join(root, "lib/deep/c.ts"));
  seen.add(now());
  put("lib/new.ts", "");
  seen.add(now());
  put("missing", "no longer");
  seen.add(now());
  seen.add(now(["arm64"]));
  expect(seen.size).toBe(6);
});

test("does not change with a file's time, with tests, or with generated code", () => {
  const before = now();
  put("lib/a.ts", "one");
  put("lib/a.test.ts", "test");
  put("lib/generated/client.ts", "made");
  expect(now()).toBe(before);
});

test("bytes that move from one file to the next are a change", () => {
  put("lib/a.ts", "ab");
  put("lib/b.ts", "c");
  const before = now();
  put("lib/a.ts", "a");
  put("lib/b.ts", "bc");
  expect(now()).not.toBe(before);
});

test("a stamp holds until it is cleared, the inputs change or an output goes", () => {
  const stamp = new Stamp(root, "step", ["lib/a.ts"]);
  expect(stamp.matches("x")).toBe(false);
  stamp.write("x");
  expect(stamp.matches("x")).toBe(true);
  expect(stamp.matches("y")).toBe(false);
  rmSync(path.join(root, "lib/a.ts"));
  expect(stamp.matches("x")).toBe(false);
  put("lib/a.ts", "back");
  stamp.clear();
  expect(stamp.matches("x")).toBe(false);
});
