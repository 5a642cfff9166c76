import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../prepare/test-support.ts";
import { runVitest } from "./vitest.mjs";

/** Runs Vitest on files of its own and counts. */
function count(files: Record<string, string>) {
  const folder = temporaryFolder();
  const config = path.join(folder, "vitest.config.mjs");
  writeFileSync(config, `export default { root: ${JSON.stringify(folder)}, test: { globals: true } };`);
  for (const [name, code] of Object.entries(files)) writeFileSync(path.join(folder, name), code);
  return runVitest({ config, limitMs: 60_000, output: "ignore" });
}

test("counts what passed, failed, was skipped, and did not even load", async () => {
  const files = {
    "a.test.mjs": `test("one", () => {}); test("two", () => { throw new Error("no"); }); test.skip("three", () => {});`,
    "b.test.mjs": `import "./absent.mjs"; test("four", () => {});`,
  };
  expect(await count(files)).toEqual({ passed: 1, failed: 2, skipped: 1 });
});

test("a rejection that nobody handles is a failure", async () => {
  const code = `test("one", async () => { Promise.reject(new Error("lost")); await new Promise((r) => setTimeout(r, 50)); });`;
  expect(await count({ "a.test.mjs": code })).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test("no test at all is a failure", async () => {
  expect((await count({})).failed).toBe(1);
});
