/** What is known about llama-server on this machine: `llama-server.json` in the cache. */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { errorCode } from "../../../lib/error-code.mjs";

/**
 * @typedef {object} Verdict on one file, for as long as it stays the same file
 * @property {number} sizeBytes
 * @property {number} modifiedMs
 * @property {string} version as it reports itself; empty where it could not even do that
 * @property {boolean} answered it has answered a real request; false where no model was there to ask with
 * @property {string} [refusal] why it is not trusted
 *
 * @typedef {object} LlamaRecord
 * @property {string} [path] the one to run, where the user names no other; absolute
 * @property {string} [version]
 * @property {string} [source] where it came from, in words
 * @property {string} [verifiedAt] ISO 8601
 * @property {Record<string, Verdict>} verdicts by path
 * @property {string[]} tried what the last search tried, and how each ended
 */

/** @param {string} cacheDir */
export function recordFile(cacheDir) {
  return path.join(cacheDir, "llama-server.json");
}

/**
 * @param {string} cacheDir
 * @returns {LlamaRecord}
 */
export function readRecord(cacheDir) {
  try {
    return { verdicts: {}, tried: [], ...JSON.parse(readFileSync(recordFile(cacheDir), "utf8")) };
  } catch (error) {
    // A damaged record costs one more verification.
    if (errorCode(error) === "ENOENT" || error instanceof SyntaxError) return { verdicts: {}, tried: [] };
    throw error;
  }
}

/**
 * @param {string} cacheDir
 * @param {LlamaRecord} record
 */
export function writeRecord(cacheDir, record) {
  const file = recordFile(cacheDir);
  mkdirSync(cacheDir, { recursive: true });
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${file}.${process.pid}`, file);
}

/**
 * The verdict on a file, if it is still the file that was judged.
 * @param {LlamaRecord} record
 * @param {string} file
 * @returns {Verdict | undefined}
 */
export function verdictOn(record, file) {
  const verdict = record.verdicts[file];
  const facts = statSync(file, { throwIfNoEntry: false });
  const same = verdict && facts && facts.size === verdict.sizeBytes && facts.mtimeMs === verdict.modifiedMs;
  return same ? verdict : undefined;
}
