import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it, vi } from "vitest";
import { openLog } from "./log.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "llm-gateway-test-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

function logInto(name: string) {
  const file = path.join(folder, name);
  const fd = openSync(file, "w");
  return {
    ...openLog(fd),
    lines: () => readFileSync(file, "utf8").split("\n").slice(0, -1),
    close: () => closeSync(fd),
  };
}

/** Node runs this with a log on standard output. */
const program = (text: string) => [
  "--import",
  "tsx",
  "--input-type=module",
  "-e",
  `import { openLog } from ${JSON.stringify(path.join(import.meta.dirname, "log.ts"))};
   const { log, flush, keepIn } = openLog();
   ${text}`,
];

it("writes lines a moment later, without being asked", async () => {
  const { log, lines } = logInto("moment");
  log.info({ a: 1 }, "one");
  log.debug("not this one");
  expect(lines()).toEqual([]);
  await vi.waitFor(() => expect(lines()).toHaveLength(1));
  expect(JSON.parse(lines()[0] ?? "")).toMatchObject({ level: 30, a: 1, msg: "one" });
});

it("keeps all of many lines, whole and in order", async () => {
  const { log, flush, lines } = logInto("many");
  for (let i = 0; i < 5000; i++) {
    log.info({ i }, "x".repeat(i % 300));
    if (i % 1000 === 0) await new Promise(setImmediate);
  }
  await flush();
  expect(lines().map((line) => (JSON.parse(line) as { i: number }).i)).toEqual([...Array(5000).keys()]);
});

it("keeps long lines whole, and in their place", async () => {
  const { log, flush, lines } = logInto("long");
  const texts = ["a", "ü".repeat(50_000), "b", "x".repeat(20_000), "c"];
  for (const text of texts) log.info(text);
  await flush();
  expect(lines().map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(texts);
});

it("has written everything when flush resolves, also what came while it wrote", async () => {
  const { log, flush, lines } = logInto("flush");
  log.info("one");
  const first = flush();
  log.info("two");
  await Promise.all([first, flush()]);
  expect(lines()).toHaveLength(2);
  await flush();
});

it("loses nothing when the process ends by itself, by exit, or by an error that nothing catches", async () => {
  for (const end of ["", "process.exit(0);", "throw new Error('x');"]) {
    const output = await promisify(execFile)(process.execPath, program(`log.info("last"); ${end}`)).catch(
      (error: { stdout: string }) => error,
    );
    expect([end, output.stdout]).toEqual([end, expect.stringContaining('"msg":"last"')]);
  }
});

it("does not wait for a reader that has stopped, and keeps no more than some megabytes for it", async () => {
  const child = spawn(
    process.execPath,
    program(`
      const startedMs = performance.now();
      for (let i = 0; i < 300_000; i++) {
        log.info({ i }, "x".repeat(1000));
        if (i % 1000 === 0) await new Promise(setImmediate);
      }
      const tookMs = performance.now() - startedMs;
      await flush();
      process.stderr.write(JSON.stringify({ tookMs, rss: process.memoryUsage().rss }));
      process.kill(process.pid, "SIGKILL");`),
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let report = "";
  for await (const chunk of child.stderr) report += chunk;
  const { tookMs, rss } = JSON.parse(report) as { tookMs: number; rss: number };
  expect(tookMs).toBeLessThan(20_000);
  // 300 MB of lines were logged.
  expect(rss).toBeLessThan(250e6);
});

it.runIf(process.platform === "linux")(
  "goes on in its file where standard output takes nothing",
  async () => {
    const kept = path.join(folder, "kept");
    const full = openSync("/dev/full", "w");
    const child = spawn(
      process.execPath,
      program(`
      keepIn(${JSON.stringify(kept)});
      log.info("one");
      await flush();
      log.info("two");
      await flush();
      log.info("three");`),
      { stdio: ["ignore", full, "inherit"] },
    );
    const [code] = await once(child, "exit");
    closeSync(full);
    expect(code).toBe(0);
    const messages = readFileSync(kept, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).msg);
    expect(messages).toEqual(["one", "two", "three"]);
  },
);

it("keeps the last lines in memory, those of this moment included", () => {
  const { log, last } = logInto("recent");
  for (let i = 0; i < 3_000; i++) log.info({ i });
  const numbers = (count: number) => last(count).map((line) => (JSON.parse(line) as { i: number }).i);
  expect(numbers(3)).toEqual([2997, 2998, 2999]);
  expect(numbers(5_000)).toHaveLength(2_000);
});

it("writes to a file of its own as well, from its first line on", async () => {
  const { log, flush, lines, keepIn } = logInto("both");
  const own = path.join(folder, "own", "gateway.log");
  log.info("before");
  keepIn(own);
  for (const text of ["one", "x".repeat(20_000), "two"]) log.info(text);
  await flush();
  expect(lines()).toHaveLength(4);
  expect(readFileSync(own, "utf8").split("\n").slice(0, -1)).toEqual(lines());
});

it("goes on where that file cannot be written", async () => {
  const { log, flush, lines, keepIn } = logInto("only");
  keepIn(path.join(import.meta.filename, "gateway.log"));
  log.info("one");
  await flush();
  expect(lines()).toHaveLength(1);
});

it("has the last words of a process that ends over an error in its file, too", async () => {
  const own = path.join(folder, "last-words.log");
  const text = `keepIn(${JSON.stringify(own)}); log.info("last"); throw new Error("x");`;
  await promisify(execFile)(process.execPath, program(text)).catch(() => undefined);
  expect(readFileSync(own, "utf8")).toContain('"msg":"last"');
});
