/** `npm run doctor`: what this machine has, what was found and tried, and what to do about what is missing. */
import { existsSync, readdirSync, statfsSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findOnPath } from "./prepare/command.mjs";
import { folderSize } from "./prepare/files.mjs";
import { readRecord, verdictOn } from "./prepare/llama/record.mjs";
import { byHand, isSettled, namedByUser } from "./prepare/llama/step.mjs";
import { formatBytes } from "./prepare/report.mjs";
import { readSettings, root } from "./prepare/settings.mjs";
import { starterPath } from "./prepare/starter.mjs";
import { steps } from "./prepare/steps.mjs";

const settings = readSettings(["--for=start"], process.env);
/** @type {string[]} */
const advice = [];

/** @typedef {{ root: string, facts: Record<string, Record<string, string>>, advice: string[] }} Report */

/**
 * Looks at everything.
 * @returns {Promise<Report>} facts by heading, and what to do
 */
export async function examine() {
  const facts = {
    Machine: { ...machine(), ...(await ports()) },
    Preparation: prepared(),
    "llama-server": llamaServer(),
    Cache: cache(),
  };
  return { root, facts, advice };
}

/**
 * @param {Report} report
 * @returns {string} the same for people
 */
export function reportText({ root, facts, advice }) {
  const parts = Object.entries(facts).map(([heading, lines]) => `${heading}\n${factLines(lines)}`);
  const toDo =
    advice.length > 0 ? `What to do\n${advice.map((line) => `  ${line}`).join("\n")}` : "Nothing to do.";
  return [`LLM Gateway in ${root}`, ...parts, toDo].join("\n\n");
}

/** @param {Record<string, string>} facts */
function factLines(facts) {
  const width = Math.max(...Object.keys(facts).map((name) => name.length));
  const lines = Object.entries(facts).map(
    ([name, value]) => `  ${name.padEnd(width)}  ${value.replaceAll("\n", `\n${" ".repeat(width + 4)}`)}`,
  );
  return lines.join("\n");
}

function machine() {
  const cpus = os.cpus();
  return {
    Node: `${process.versions.node} (${process.execPath})`,
    System: `${os.type()} ${os.release()}, ${process.platform} ${process.arch}`,
    Processor: `${cpus.length} cores, ${cpus[0]?.model ?? "unknown"}`,
    Memory: `${formatBytes(os.freemem())} free of ${formatBytes(os.totalmem())}`,
    "Disk (data)": freeDisk(settings.dataDir),
    "Disk (cache)": freeDisk(settings.cacheDir),
    Programs: ["npm", "python3", "git", "cmake", "apt-get", "nvidia-smi"]
      .map((name) => `${name} ${findOnPath(name) ? "yes" : "no"}`)
      .join(", "),
  };
}

/** @param {string} folder the nearest part of it that exists is asked */
function freeDisk(folder) {
  let existing = folder;
  while (!existsSync(existing)) existing = path.dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  if (bavail * bsize < 2e9) advice.push(`Free some space for ${folder}: models are large.`);
  return `${formatBytes(bavail * bsize)} free for ${folder}`;
}

/**
 * @param {number} port
 * @param {string} host
 * @returns {Promise<boolean>}
 */
function isFree(port, host) {
  return new Promise((resolve) => {
    const server = net.createServer().once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

async function ports() {
  const gateway = Number(process.env.PORT || 4000);
  const base = Number(process.env.GATEWAY_SLOT_BASE_PORT || 4801);
  const all = [gateway, ...Array.from({ length: 7 }, (_, slot) => base + slot)];
  const free = await Promise.all(all.map((port) => isFree(port, "127.0.0.1")));
  const taken = all.filter((_, index) => !free[index]);
  if (taken.length === 0) return { Ports: `${gateway} and ${base} to ${base + 6} are free` };
  if (taken.includes(gateway))
    advice.push(
      `Port ${gateway} is taken: by a running gateway, or choose another with PORT=${gateway + 1}.`,
    );
  return {
    Ports: `taken: ${taken.join(", ")}; free: ${all.filter((port) => !taken.includes(port)).join(", ")}`,
  };
}

function prepared() {
  const needed = steps({ ...settings, starter: true }).map((step) => [step.title, step.isNeeded()]);
  if (needed.some(([, missing]) => missing))
    advice.push("Run `npm run setup` to do what is still to be done.");
  return Object.fromEntries(needed.map(([title, missing]) => [title, missing ? "to be done" : "done"]));
}

/** @returns {Record<string, string>} */
function llamaServer() {
  const record = readRecord(settings.cacheDir);
  const named = namedByUser(settings);
  const file = named?.file ?? record.path;
  const verdict = file ? verdictOn(record, file) : undefined;
  if (!isSettled(settings)) advice.push(...byHand.split("\n"));
  return {
    Chosen: file ? `${file} (${named ? `named by ${named.by}` : record.source})` : "none",
    Version: verdict?.version || "unknown",
    Verified: verified(verdict),
    "On PATH": findOnPath("llama-server") ?? "none",
    ...Object.fromEntries(record.tried.map((line, index) => [`Tried ${index + 1}`, line])),
  };
}

/** @param {import("./prepare/llama/record.mjs").Verdict | undefined} verdict */
function verified(verdict) {
  if (!verdict) return "not yet";
  if (verdict.refusal) return `refused: ${verdict.refusal}`;
  return verdict.answered ? "answered a request" : "version only; there was no model to ask";
}

function cache() {
  const starter = starterPath(settings.cacheDir);
  const models = path.join(settings.dataDir, "models");
  const count = existsSync(models) ? readdirSync(models).filter((name) => name.endsWith(".gguf")).length : 0;
  return {
    Folder: `${settings.cacheDir} (${formatBytes(folderSize(settings.cacheDir))})`,
    "Starter model": existsSync(starter) ? starter : "not fetched",
    Models: `${count} in ${models}`,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(reportText(await examine()));
