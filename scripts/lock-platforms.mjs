/**
 * Completes package-lock.json for every platform. A registry may lack some platforms' builds of an optional
 * dependency; `npm install` then leaves them out of the lock, and `npm ci` refuses it there and elsewhere. An entry
 * with version, system and processor is all that npm needs to fetch the right build on the machine it is meant for.
 * Run after `npm install` changed the lock: `node scripts/lock-platforms.mjs`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[],
 *   resolved?: string, optionalDependencies?: Record<string, string> }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry> }} Lock
 */

const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const processors = ["arm64", "arm", "ia32", "loong64", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/**
 * What a platform build's name says of where it runs: `swc-linux-x64-musl`, `oxide-wasm32-wasi`.
 * @param {string} name
 * @returns {Pick<LockEntry, "os" | "cpu" | "libc">}
 * @throws Error when the name says neither system nor processor
 */
export function platformOf(name) {
  const words = name.split("/").at(-1)?.split("-") ?? [];
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  if (cpu.length === 0) throw new Error(`${name}: the name does not say which processor it is for.`);
  const libc = words.includes("musl") ? ["musl"] : words.includes("gnu") ? ["glibc"] : undefined;
  return { os: os.length > 0 ? os : undefined, cpu, libc };
}

/**
 * Whether the lock has an entry that Node would find for `name` from the package at `from`.
 * @param {Lock} lock
 * @param {string} from key in `packages`
 * @param {string} name
 */
function isLocked(lock, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    if (`${folder === "" ? "" : `${folder}/`}node_modules/${name}` in lock.packages) return true;
    if (folder === "") return false;
  }
}

/**
 * Optional dependencies that the lock leaves out, as the entries it should have.
 * @param {Lock} lock
 * @returns {Record<string, LockEntry>}
 */
export function missingPlatforms(lock) {
  /** @type {Record<string, LockEntry>} */
  const missing = {};
  for (const [from, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isLocked(lock, from, name)) continue;
      const { os, cpu, libc } = platformOf(name);
      // In the order in which npm writes the keys, so that the next `npm install` changes nothing.
      missing[`node_modules/${name}`] = { version, cpu, dev: entry.dev, libc, optional: true, os };
    }
  }
  return missing;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL("../package-lock.json", import.meta.url);
  /** @type {Lock} */
  const lock = JSON.parse(readFileSync(file, "utf8"));
  const missing = missingPlatforms(lock);
  for (const entry of Object.values(lock.packages)) delete entry.resolved;
  const packages = Object.entries({ ...lock.packages, ...missing });
  packages.sort(([left], [right]) => (left < right ? -1 : 1));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
  console.log(`${Object.keys(missing).length} platform builds added to package-lock.json.`);
}
