/** A download by the real manager and database in a process of its own, which is killed in the middle, again and again. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { type LocalHub, localHub } from "../../../tests/harness/hub.ts";
import { servedFile } from "../../../tests/harness/hub-files.ts";
import { startChildProgram } from "../../database/testing/child.ts";
import { openTestDatabase } from "../../database/testing/test-database.ts";
import { bytesOf } from "./rig.ts";

const mebibyte = 1024 * 1024;
const files = {
  "m-Q8_0-00001-of-00002.gguf": servedFile(12 * mebibyte + 1),
  "m-Q8_0-00002-of-00002.gguf": servedFile(8 * mebibyte),
  "mmproj-m-f16.gguf": servedFile(2 * mebibyte),
};
const totalBytes = Object.values(files).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
/** Slow enough for a kill to hit any part of it; progress is told twice a second. */
const bytesPerS = 3 * mebibyte;
const program = path.join(import.meta.dirname, "download-forever.ts");

/** Kills the process so many times, spread over the download, and expects it whole at the end, and never seen before. */
export async function killAndComplete(kills: number): Promise<void> {
  const held = await openTestDatabase();
  // Nobody else has the file open, so that each child has to recover it.
  await held.database.close();
  await using hub = await localHub({ "org/m-GGUF": { files } });
  const models = path.join(held.dataDir, "models");
  hub.faults.bytesPerS = bytesPerS;
  for (let round = 0; round < kills; round++) {
    await killAt(((round + Math.random()) / (kills + 1)) * totalBytes, held.dataDir, hub.url);
    expect(await visible(models)).toEqual([]);
  }
  hub.faults.bytesPerS = null;
  await complete(held.dataDir, hub.url);
  for (const [name, file] of Object.entries(files))
    expect(bytesOf(file).equals(await readFile(path.join(models, "org--m-GGUF", name))), name).toBe(true);
  expect(await visible(models)).toHaveLength(Object.keys(files).length);
  expectResumed(hub, kills);
  await held.remove();
}

const start = (dataDir: string, hubUrl: string) =>
  startChildProgram(program, dataDir, hubUrl, Object.keys(files)[0] ?? "");

async function killAt(bytes: number, dataDir: string, hubUrl: string): Promise<void> {
  const child = start(dataDir, hubUrl);
  for await (const line of child.lines) {
    const [status, doneBytes] = line.split(" ");
    expect(["queued", "running", "verifying"], line).toContain(status);
    if (Number(doneBytes) < bytes) continue;
    await sleep(Math.random() * 100);
    child.process.kill("SIGKILL");
    break;
  }
  expect(await child.ended).toBeNull();
}

async function complete(dataDir: string, hubUrl: string): Promise<void> {
  const child = start(dataDir, hubUrl);
  const lines: string[] = [];
  for await (const line of child.lines) lines.push(line);
  expect([await child.ended, lines.at(-1)]).toEqual([0, expect.stringMatching(/^done/)]);
}

async function visible(models: string): Promise<string[]> {
  const names = await readdir(models, { recursive: true }).catch(() => []);
  return names.filter((name) => /\.gguf$/.test(name));
}

/** What was there before a kill was not fetched again. */
function expectResumed({ requests }: LocalHub, kills: number): void {
  const starts = requests
    .filter(({ server }) => server === "cdn")
    .map(({ headers }) => Number(/\d+/.exec(headers.range ?? "")?.[0] ?? 0));
  expect(starts.filter((from) => from > 0).length).toBeGreaterThanOrEqual(kills / 2);
}
