import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nowUs, readProfiles } from "./cpu-profile.ts";
import { partOf } from "./group.ts";
import { profileFlags } from "./run.ts";

/** Parses JSON for 300 ms in a worker and spins for 300 ms in the main thread, in turn. */
const program = `
  const { Worker, isMainThread } = require("node:worker_threads");
  const { once } = require("node:events");
  function busy(step) { const end = Date.now() + 300; while (Date.now() < end) step(); }
  const text = JSON.stringify(Array.from({ length: 20000 }, (_, index) => ({ index })));
  if (!isMainThread) busy(() => JSON.parse(text));
  else once(new Worker(__filename), "exit").then(() => busy(function spin() { for (let i = 0; i < 1e6; i++); }));
`;

let folder: string;
let window: { fromUs: number; toUs: number };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "profile-"));
  const file = path.join(folder, "program.cjs");
  await writeFile(file, program);
  const fromUs = nowUs();
  await promisify(execFile)(process.execPath, [...profileFlags(folder), file]);
  window = { fromUs, toUs: nowUs() };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a profile of two threads", () => {
  test("has each thread's own time where it was spent", async () => {
    const threads = await readProfiles(folder, window);
    expect(threads.map(({ isMain }) => isMain).sort()).toEqual([false, true]);
    const main = threads.find(({ isMain }) => isMain)?.ownTimes ?? [];
    const worker = threads.find(({ isMain }) => !isMain)?.ownTimes ?? [];
    const sum = (times: typeof main, wanted: (time: (typeof main)[number]) => boolean) =>
      times.filter(wanted).reduce((total, { us }) => total + us, 0);
    expect(sum(main, ({ functionName }) => functionName === "spin")).toBeGreaterThan(150_000);
    expect(sum(worker, (time) => partOf(time) === "JSON")).toBeGreaterThan(100_000);
    expect(sum(main, (time) => partOf(time) === "JSON")).toBeLessThan(100_000);
  });

  test("is cut to the window that is asked for", async () => {
    const before = await readProfiles(folder, { fromUs: 0, toUs: window.fromUs });
    expect(before.flatMap(({ ownTimes }) => ownTimes)).toEqual([]);
  });
});

test.each([
  ["", "(garbage collector)", "garbage collection"],
  ["", "writev", "writing to sockets"],
  ["", "indexOf", "V8's built-ins"],
  ["node:_http_server", "onParserExecute", "node:http"],
  ["node:internal/webstreams/readablestream", "pull", "Node's web streams"],
  ["file:///x/node_modules/@hono/node-server/dist/index.mjs", "f", "@hono/node-server"],
  ["file:///x/node_modules/a/node_modules/zod/core.js", "f", "zod"],
  [path.resolve(import.meta.dirname, "../../lib/gateway/pipeline.ts"), "serve", "lib/gateway/pipeline.ts"],
])("time in '%s' %s is that of %s", (url, functionName, part) => {
  expect(partOf({ url, functionName })).toBe(part);
});
