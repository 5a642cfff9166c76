import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nowUs, type OwnTime, readProfiles } from "./cpu-profile.ts";
import { partOf } from "./group.ts";
import { profileFlags } from "./run.ts";

const longer = (one: OwnTime, other: OwnTime) => other.us - one.us;
const total = (times: OwnTime[]) => times.reduce((sum, { us }) => sum + us, 0);
/** Time that functions spent, not what V8 did besides. */
const isFunction = ({ functionName }: OwnTime) => !functionName.startsWith("(");

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
    const longest = (times: OwnTime[]) => times.filter(isFunction).toSorted(longer)[0];
    expect(longest(main)?.functionName).toBe("spin");
    expect(longest(worker)?.functionName).toBe("parseJson");
    const isJson = (time: OwnTime) => partOf(time) === "JSON";
    expect(total(main.filter(isJson))).toBeLessThan(total(worker.filter(isJson)));
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
  ["file:///x/node_modules/@prisma/client/runtime/client.mjs", "f", "@prisma/client"],
  ["file:///x/node_modules/a/node_modules/zod/core.js", "f", "zod"],
  [path.resolve(import.meta.dirname, "../../lib/gateway/pipeline.ts"), "serve", "lib/gateway/pipeline.ts"],
])("time in '%s' %s is that of %s", (url, functionName, part) => {
  expect(partOf({ url, functionName })).toBe(part);
});
