/** Finds a llama-server that works, or gets one. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { findOnPath } from "../command.mjs";
import { starterPath } from "../starter.mjs";
import { installed } from "./install.mjs";
import { readRecord, verdictOn, writeRecord } from "./record.mjs";
import { verify } from "./verify.mjs";

/**
 * @typedef {import("../settings.mjs").Settings} Settings
 * @typedef {{ name: string, get: () => Promise<string> | string }} Source a place it may come from; throws where it cannot
 */

/**
 * @param {Settings} settings
 * @returns {import("../steps.mjs").Step}
 */
export function llamaServerStep(settings) {
  return {
    title: "llama-server",
    lock: "cache",
    withoutIt:
      settings.purpose !== "test" && !settings.starter ? "Only remote models can be used." : undefined,
    isNeeded: () => !isSettled(settings),
    async run(report) {
      const named = namedByUser(settings);
      return named ? tryNamed(settings, named) : search(settings, report);
    },
  };
}

/**
 * A binary that the user named: the variable, else the key of the configuration.
 * @param {Pick<Settings, "llamaServer" | "dataDir">} settings
 * @returns {{ file: string, by: string } | undefined}
 */
export function namedByUser({ llamaServer, dataDir }) {
  if (llamaServer) return { file: path.resolve(llamaServer), by: "LLAMA_SERVER" };
  const configFile = path.join(dataDir, "config.json");
  try {
    const named = JSON.parse(readFileSync(configFile, "utf8")).llama_server;
    return typeof named === "string" && named !== ""
      ? { file: path.resolve(named), by: configFile }
      : undefined;
  } catch {
    // None yet, or one that the server will complain about itself.
    return undefined;
  }
}

/**
 * Whether the one that would be run has been found to work, and is still the same file.
 * @param {Settings} settings
 */
export function isSettled(settings) {
  const record = readRecord(settings.cacheDir);
  const canAsk = existsSync(starterPath(settings.cacheDir));
  const works = (/** @type {string} */ file) => {
    const verdict = verdictOn(record, file);
    return verdict !== undefined && verdict.refusal === undefined && (verdict.answered || !canAsk);
  };
  const named = namedByUser(settings);
  if (named) return works(named.file);
  const onPath = findOnPath("llama-server");
  // One on PATH that was refused does not count, until it changes or `npm run setup` asks again.
  const refused = onPath && settings.purpose !== "setup" && verdictOn(record, onPath)?.refusal !== undefined;
  if (onPath && !refused) return record.path === onPath && works(onPath);
  return record.path !== undefined && works(record.path);
}

/**
 * @param {Settings} settings
 * @param {{ file: string, by: string }} named
 * @throws Error when it does not work: another in its place would not be what the user asked for
 */
async function tryNamed(settings, named) {
  const verdict = await verify(named.file, modelToAsk(settings));
  const record = readRecord(settings.cacheDir);
  writeRecord(settings.cacheDir, { ...record, verdicts: { ...record.verdicts, [named.file]: verdict } });
  if (verdict.refusal)
    throw new Error(`${named.file}, named by ${named.by}, does not work: ${verdict.refusal}`);
  return `${verdict.version}, named by ${named.by}`;
}

/**
 * Tries the sources in turn and keeps the first whose program works.
 * @param {Settings} settings
 * @param {import("../report.mjs").Report} report
 */
async function search(settings, report) {
  const record = readRecord(settings.cacheDir);
  record.tried = [];
  for (const source of await sources(settings, record, report)) {
    report.detail(source.name);
    try {
      const file = await source.get();
      report.detail("asking it something");
      const verdict = await verify(file, modelToAsk(settings));
      record.verdicts[file] = verdict;
      if (verdict.refusal) throw new Error(`it does not work: ${verdict.refusal}`);
      record.tried.push(`${source.name}: ${file}, ${verdict.version}`);
      Object.assign(record, { path: file, version: verdict.version, source: source.name });
      record.verifiedAt = new Date().toISOString();
      writeRecord(settings.cacheDir, record);
      return `${verdict.version}, ${source.name}`;
    } catch (error) {
      record.tried.push(`${source.name}: ${error instanceof Error ? error.message : error}`);
      writeRecord(settings.cacheDir, record);
    }
  }
  throw new Error(
    `No llama-server could be found or installed:\n${record.tried.map((line) => `  ${line}`).join("\n")}\n${byHand}`,
  );
}

export const byHand =
  "To supply one by hand, install llama.cpp (https://github.com/ggml-org/llama.cpp) so that `llama-server` is on PATH,\n" +
  "or set LLAMA_SERVER to the path of the program.";

/** @param {Settings} settings */
function modelToAsk({ cacheDir }) {
  const model = starterPath(cacheDir);
  return existsSync(model) ? model : undefined;
}

/**
 * In the order in which they are preferred.
 * @param {Settings} settings
 * @param {import("./record.mjs").LlamaRecord} record
 * @param {import("../report.mjs").Report} report
 * @returns {Promise<Source[]>}
 */
async function sources({ cacheDir }, record, report) {
  // Only a search needs them, and a search is rare.
  const [release, debian, source] = await Promise.all([
    import("./release.mjs"),
    import("./debian.mjs"),
    import("./source.mjs"),
  ]);
  const builds = release.chooseBuilds(await release.inspectMachine());
  return [
    { name: "PATH", get: () => findOnPath("llama-server") ?? fail("there is none") },
    { name: "the cache", get: () => record.path ?? installed(cacheDir) ?? fail("there is none") },
    ...builds.map((build) => ({
      name: `the official release for ${build}`,
      get: () => release.installRelease(cacheDir, release.pinnedRelease(build), report),
    })),
    { name: "the distribution's packages", get: () => debian.installFromDistribution(cacheDir, report) },
    { name: "a build from source (minutes)", get: () => source.buildFromSource(cacheDir, report) },
  ];
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  throw new Error(message);
}
