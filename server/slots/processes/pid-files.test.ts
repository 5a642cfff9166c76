import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processStart } from "../../../lib/process-identity.mjs";
import { PidFiles } from "./pid-files.ts";

let folder: string;
let engine: ChildProcess;
let pid: number;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pid-files-"));
  engine = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  pid = engine.pid ?? 0;
});

afterEach(async () => {
  engine.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

const log = pino({ level: "silent" });
const gone = { pid: 2 ** 22 + 1, start: "1" };

async function note(content: unknown): Promise<void> {
  await writeFile(
    path.join(folder, "slot-4801.pid"),
    typeof content === "string" ? content : JSON.stringify(content),
  );
}

function isAlive(): boolean {
  return engine.exitCode === null && engine.signalCode === null;
}

describe("a note of an engine", () => {
  it("lets the next gateway end what the last one left behind", async () => {
    await note({ engine: { pid, start: processStart(pid) }, gateway: gone });
    const exited = once(engine, "exit");
    await new PidFiles(folder, log).endLeftovers();
    expect((await exited)[1]).toBe("SIGKILL");
    expect(await readdir(folder)).toEqual([]);
  });

  it("is written with what it takes, and is removed again", async () => {
    const files = new PidFiles(folder, log);
    await files.write(4801, pid);
    expect(await readdir(folder)).toEqual(["slot-4801.pid"]);
    await files.remove(4801);
    expect(await readdir(folder)).toEqual([]);
  });

  it("never ends another process that got the same number", async () => {
    await note({ engine: { pid, start: "12345" }, gateway: gone });
    await new PidFiles(folder, log).endLeftovers();
    expect(isAlive()).toBe(true);
    expect(await readdir(folder)).toEqual([]);
  });

  it("never ends the engines of a gateway that is still there", async () => {
    const start = processStart(process.ppid);
    await note({ engine: { pid, start: processStart(pid) }, gateway: { pid: process.ppid, start } });
    await new PidFiles(folder, log).endLeftovers();
    expect(isAlive()).toBe(true);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it.each(["", "{", "null", '{"engine":{"pid":-1,"start":"x"}}', '{"engine":{"pid":0,"start":"x"}}'])(
    "that is damaged means nothing: %j",
    async (text) => {
      await note(text);
      await new PidFiles(folder, log).endLeftovers();
      expect(isAlive()).toBe(true);
    },
  );

  it("is not missed where there never was one", async () => {
    await new PidFiles(path.join(folder, "none"), log).endLeftovers();
  });
});
