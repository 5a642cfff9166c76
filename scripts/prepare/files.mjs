/** Small facts about files. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";

/**
 * @param {string} file
 * @returns {Promise<string>} hexadecimal
 */
export async function sha256OfFile(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/**
 * Bytes of all files in a folder that others may be changing at the same time.
 * @param {string} folder
 * @returns {number}
 */
export function folderSize(folder) {
  let bytes = 0;
  try {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const facts = statSync(path.join(folder, name), { throwIfNoEntry: false });
      if (facts?.isFile()) bytes += facts.size;
    }
  } catch {
    // The folder went away between two looks: what was counted so far is a good answer.
  }
  return bytes;
}

/**
 * Removes what interrupted runs left behind. The caller holds the lock of the folder, so nobody is at work there.
 * @param {string} folder
 * @param {string} prefix of the names that unfinished work has
 */
export function removeAbandoned(folder, prefix) {
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    if (name.startsWith(prefix)) rmSync(path.join(folder, name), { recursive: true, force: true });
}
