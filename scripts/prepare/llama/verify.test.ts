import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { isRunning } from "../../../lib/process-identity.mjs";
import { pretendedLlamaServer, program, temporaryFolder } from "../test-support.ts";
import { verify } from "./verify.mjs";

const model = "model.gguf";
const sameFile = { sizeBytes: expect.any(Number), modifiedMs: expect.any(Number) };

test("trusts a program that tells its version, becomes ready and answers with text", async () => {
  const file = program(temporaryFolder(), "llama-server", pretendedLlamaServer());
  expect(await verify(file, model)).toEqual({ ...sameFile, version: "9.9.9", answered: true });
});

test("without a model only the version is tried, and the verdict says so", async () => {
  const file = program(temporaryFolder(), "llama-server", pretendedLlamaServer());
  expect(await verify(file, undefined)).toEqual({ ...sameFile, version: "9.9.9", answered: false });
});

test("leaves no process behind, even one that ignores SIGTERM", async () => {
  const folder = temporaryFolder();
  const note = path.join(folder, "pid");
  const code = `import { writeFileSync } from "node:fs";
    if (!process.argv.includes("--version")) writeFileSync(${JSON.stringify(note)}, String(process.pid));
    ${pretendedLlamaServer({ ignoresSigterm: true })}`;
  await verify(program(folder, "llama-server", code), model);
  expect(isRunning({ pid: Number(readFileSync(note, "utf8")), start: null })).toBe(false);
});

test.each([
  ["does not exist", null, /no such file/],
  ["cannot run here", `console.error("GLIBC_2.99 not found"); process.exit(1);`, /GLIBC_2\.99 not found/],
  ["tells no version", `console.log("hello");`, /does not tell a version/],
  [
    "ends while loading",
    `console.log(process.argv.includes("--version") ? "version: 1 (x)" : "bad model"); process.exitCode = process.argv.includes("--version") ? 0 : 1;`,
    /exit code 1 while it was tried:\nbad model/,
  ],
  ["answers with an error", pretendedLlamaServer({ status: 500, answer: "broken" }), /answered 500: broken/],
  ["answers without text", pretendedLlamaServer({ answer: '{"content":""}' }), /without text/],
])("refuses one that %s, and says why", async (_, code, reason) => {
  const folder = temporaryFolder();
  const file = code === null ? path.join(folder, "llama-server") : program(folder, "llama-server", code);
  expect(existsSync(file)).toBe(code !== null);
  const verdict = await verify(file, model);
  expect(verdict.refusal).toMatch(reason);
  expect(verdict.answered).toBe(false);
});
