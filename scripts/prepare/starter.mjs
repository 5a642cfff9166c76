/** The starter model: small enough to come along with the first start, and good for nothing but trying things out. */
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import { errorCode } from "../../lib/error-code.mjs";
import { removeAbandoned } from "./files.mjs";
import { fetchStarter } from "./starter-source.mjs";

/** One name wherever it came from, so that its model id is always `SmolLM2-135M-Instruct`. */
export const starterFile = "SmolLM2-135M-Instruct.gguf";

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
      removeAbandoned(path.dirname(cached), `${starterFile}.`);
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
 * @param {Pick<import("./settings.mjs").Settings, "purpose" | "starter" | "dataDir">} settings
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
 * Gives a file a second name, by what the system and the file system allow; takes the place of a link that points
 * nowhere.
 * @param {string} target
 * @param {string} name
 */
export function link(target, name) {
  mkdirSync(path.dirname(name), { recursive: true });
  const aside = `${name}.${process.pid}.new`;
  for (const attempt of [symlinkSync, linkSync, copyFileSync]) {
    try {
      rmSync(aside, { force: true });
      attempt(target, aside);
      return renameSync(aside, name);
    } catch (error) {
      if (attempt === copyFileSync) throw error;
    }
  }
}
