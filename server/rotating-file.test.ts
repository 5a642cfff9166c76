import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { limitFileSizes } from "./database/testing/small-disk.ts";
import { RotatingFile } from "./rotating-file.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "rotating-file-"));
  file = path.join(folder, "logs", "a.log");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function downloaded(log: RotatingFile): Promise<string> {
  const text = await new Response(await log.download()).text();
  return text;
}

it("downloads both pieces, oldest first, and what an earlier process wrote", async () => {
  await mkdir(path.dirname(file));
  await writeFile(file, "0123456789\n");
  const log = new RotatingFile(file, 20);
  for (const line of ["one\n", "two\n", "three\n"]) {
    log.append(Buffer.from(line));
    await log.flush();
  }
  expect(await readFile(`${file}.1`, "utf8")).toBe("0123456789\none\ntwo\n");
  expect(await downloaded(log)).toBe("0123456789\none\ntwo\nthree\n");
});

it("is there again soon after somebody removed it", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const log = new RotatingFile(file, 1_000);
  log.append(Buffer.from("one\n"));
  await vi.waitFor(async () => expect(await readFile(file, "utf8")).toBe("one\n"));
  await rm(file);
  vi.advanceTimersByTime(10_001);
  log.append(Buffer.from("two\n"));
  expect(await downloaded(log)).toBe("two\n");
  vi.useRealTimers();
});

it("downloads nothing where there is nothing", async () => {
  expect(await downloaded(new RotatingFile(file, 20))).toBe("");
});

it("ends a download where the file ended when it began, though it is written to and replaced meanwhile", async () => {
  const log = new RotatingFile(file, 1_000);
  log.append(Buffer.from("begun\n"));
  const stream = await log.download();
  for (let round = 0; round < 3; round++) {
    log.append(Buffer.alloc(900, "x"));
    await log.flush();
  }
  expect(await new Response(stream).text()).toBe("begun\n");
});

it("takes no more memory for a large file than for a small one", async () => {
  const fileBytes = 1_000_000_000;
  const log = new RotatingFile(file, 2 * fileBytes);
  await mkdir(path.dirname(file));
  await writeFile(file, "");
  await truncate(file, fileBytes); // Takes no room on the disk.
  const stream = await log.download();
  const before = process.memoryUsage.rss();
  let bytes = 0;
  let most = 0;
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes += read.value.length;
    most = Math.max(most, process.memoryUsage.rss() - before);
  }
  expect(bytes).toBe(fileBytes);
  // Chunks that were read, until they are collected as garbage: 40 MB at times.
  expect(most).toBeLessThan(fileBytes / 5);
});

it.runIf(process.platform === "linux")("lets a download be left, and closes what it read from", async () => {
  const log = new RotatingFile(file, 1_000_000);
  log.append(Buffer.alloc(500_000, "x"));
  await log.flush();
  const before = (await readdir("/proc/self/fd")).length;
  const stream = await log.download();
  const reader = stream.getReader();
  await reader.read();
  expect((await readdir("/proc/self/fd")).length).toBe(before + 1);
  await reader.cancel();
  expect((await readdir("/proc/self/fd")).length).toBe(before);
});

it.runIf(process.platform === "linux")("loses lines on a full disk, and nothing else", async () => {
  const disk = limitFileSizes();
  const log = new RotatingFile(path.join(disk.folder, "a.log"), 1_000_000);
  try {
    disk.fill();
    for (let round = 0; round < 20; round++) {
      log.append(Buffer.alloc(1_000, "x"));
      await log.flush();
    }
    disk.free();
    log.append(Buffer.from("\nroom again\n"));
    expect((await downloaded(log)).split("\n").at(-2)).toBe("room again");
  } finally {
    disk.free();
    disk.remove();
  }
});
