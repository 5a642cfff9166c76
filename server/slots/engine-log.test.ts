import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EngineLog } from "./engine-log.ts";

let folder: string;
let file: string;
let log: EngineLog;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "engine-log-"));
  file = path.join(folder, "logs", "slot.log");
  log = new EngineLog(file);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe("an engine's log", () => {
  it("cuts output into lines, wherever the chunks end", async () => {
    const write = log.writer();
    const bytes = Buffer.from("one\ntwö\r\nthree\nfour");
    for (const byte of bytes) write(Buffer.from([byte]));
    expect(log.last(10)).toEqual(["one", "twö", "three"]);
    write(Buffer.from(" and more\n"));
    expect(log.last(1)).toEqual(["four and more"]);
    await log.flush();
    expect(await readFile(file, "utf8")).toBe("one\ntwö\nthree\nfour and more\n");
  });

  it("keeps the last 2,000 lines in memory", () => {
    for (let line = 0; line < 10_000; line++) log.add(String(line));
    const last = log.last(5_000);
    expect([last.length, last[0], last.at(-1)]).toEqual([2_000, "8000", "9999"]);
    expect(log.last(2)).toEqual(["9998", "9999"]);
    expect(log.last(0)).toEqual([]);
  });

  it("tells this run's lines from those before", () => {
    log.add("old");
    log.begin("Starting");
    expect(log.lastOfRun(8)).toEqual([]);
    log.add("new");
    expect(log.lastOfRun(8)).toEqual(["new"]);
    expect(log.last(8)).toEqual(["old", "Starting", "new"]);
  });

  it("bounds a line without an end", () => {
    const write = log.writer();
    for (let chunk = 0; chunk < 1_000; chunk++) write(Buffer.alloc(10_000, "x"));
    write(Buffer.from("\n"));
    expect(log.last(1)[0]?.length).toBeLessThan(2_100);
  });

  it("never grows beyond two files of 5 MB", async () => {
    const line = "x".repeat(1_000);
    for (let round = 0; round < 30; round++) {
      for (let count = 0; count < 500; count++) log.add(line);
      await log.flush();
    }
    const sizes = await Promise.all([file, `${file}.1`].map(async (one) => (await stat(one)).size));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000_000);
    expect(sizes[0]).toBeGreaterThan(0);
  });

  it("hands on what comes from now on, whatever the disk does", async () => {
    log.add("before");
    const lines: string[] = [];
    const stop = log.subscribe((portion) => lines.push(...portion.lines));
    log.add("one");
    await vi.waitFor(() => expect(lines).toEqual(["one"]));
    stop();
  });

  it("goes on in memory where the disk does not let it", async () => {
    await mkdir(file, { recursive: true });
    log.add("a line");
    await log.flush();
    expect(log.last(1)).toEqual(["a line"]);
  });
});
