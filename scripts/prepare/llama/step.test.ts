import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { readSettings, type Settings } from "../settings.mjs";
import { pretendedLlamaServer, program, recordedReport, temporaryFolder } from "../test-support.ts";
import { readRecord } from "./record.mjs";
import { llamaServerStep } from "./step.mjs";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A machine with nothing on PATH, an empty cache and no model to ask. */
function machine(options: Partial<Settings> = {}) {
  const folder = temporaryFolder();
  const onPath = path.join(folder, "bin");
  mkdirSync(onPath);
  vi.stubEnv("PATH", onPath);
  const settings: Settings = {
    ...readSettings(["--for=start"], {}),
    dataDir: path.join(folder, "data"),
    cacheDir: path.join(folder, "cache"),
    ...options,
  };
  return {
    settings,
    onPath,
    cached: path.join(settings.cacheDir, "llama-server/earlier"),
    isNeeded: () => llamaServerStep(settings).isNeeded(),
    run: () => llamaServerStep(settings).run(recordedReport().report),
    record: () => readRecord(settings.cacheDir),
  };
}

const good = pretendedLlamaServer();
const bad = `console.error("illegal instruction"); process.exit(132);`;

test("one on PATH is tried, recorded, and not tried again", async () => {
  const { onPath, isNeeded, run, record } = machine();
  const file = program(onPath, "llama-server", good);
  expect(isNeeded()).toBe(true);
  expect(await run()).toBe("9.9.9, PATH");
  expect(record()).toMatchObject({ path: file, version: "9.9.9", source: "PATH" });
  expect(isNeeded()).toBe(false);
});

test("another file under the same name is tried anew", async () => {
  const { onPath, isNeeded, run } = machine();
  const file = program(onPath, "llama-server", good);
  await run();
  writeFileSync(file, "#!/bin/sh\necho 'version: 10 (x)'\n");
  expect(isNeeded()).toBe(true);
});

test("a broken one on PATH gives way to the cache, and is not tried at every start", async () => {
  const { onPath, cached, isNeeded, run, record, settings } = machine();
  const broken = program(onPath, "llama-server", bad);
  const file = program(cached, "llama-server", good);
  expect(await run()).toBe("9.9.9, the cache");
  expect(record().path).toBe(file);
  expect(record().verdicts[broken]?.refusal).toMatch(/illegal instruction/);
  expect(record().tried[0]).toMatch(/^PATH: it does not work/);
  expect(isNeeded()).toBe(false);
  expect(llamaServerStep({ ...settings, purpose: "setup" }).isNeeded()).toBe(true);
});

test("one that could only tell its version is asked when there is a model", async () => {
  const { onPath, isNeeded, run, record, settings } = machine();
  const file = program(onPath, "llama-server", good);
  await run();
  expect(record().verdicts[file]?.answered).toBe(false);
  mkdirSync(path.join(settings.cacheDir, "models"));
  writeFileSync(path.join(settings.cacheDir, "models/SmolLM2-135M-Instruct.gguf"), "");
  expect(isNeeded()).toBe(true);
  await run();
  expect(record().verdicts[file]?.answered).toBe(true);
  expect(isNeeded()).toBe(false);
});

test("one that the user names is used, and the recorded one stays for others", async () => {
  const { onPath, run, settings } = machine();
  const recorded = program(onPath, "llama-server", good);
  await run();
  const llamaServer = program(
    path.join(settings.dataDir, "own"),
    "engine",
    pretendedLlamaServer({ version: "11" }),
  );
  const step = llamaServerStep({ ...settings, llamaServer });
  expect(step.isNeeded()).toBe(true);
  expect(await step.run(recordedReport().report)).toBe("11, named by LLAMA_SERVER");
  expect(step.isNeeded()).toBe(false);
  expect(readRecord(settings.cacheDir).path).toBe(recorded);
});

test("one that the configuration names, and that does not work, is an error and not replaced", async () => {
  const { onPath, run, settings } = machine();
  program(onPath, "llama-server", good);
  mkdirSync(settings.dataDir);
  writeFileSync(path.join(settings.dataDir, "config.json"), '{"llama_server":"/nowhere/llama-server"}');
  await expect(run()).rejects.toThrow(
    /^\/nowhere\/llama-server, named by .*config\.json, does not work: There is no such file/,
  );
});

test("a damaged record costs one verification, nothing more", async () => {
  const { onPath, isNeeded, run, settings } = machine();
  program(onPath, "llama-server", good);
  mkdirSync(settings.cacheDir);
  writeFileSync(path.join(settings.cacheDir, "llama-server.json"), '{"path": "/half');
  expect(isNeeded()).toBe(true);
  await run();
  expect(isNeeded()).toBe(false);
});

test("a start that wants no starter model can go without llama-server, a test run cannot", () => {
  const { settings } = machine();
  expect(llamaServerStep({ ...settings, starter: false }).withoutIt).toMatch(/remote/);
  expect(llamaServerStep(settings).withoutIt).toBeUndefined();
  expect(llamaServerStep({ ...settings, starter: false, purpose: "test" }).withoutIt).toBeUndefined();
});
