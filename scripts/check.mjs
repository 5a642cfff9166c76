/** `npm run check`: format and lint, the fast lane's routes, and types, at the same time. Exits 1 when either finds something. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);

const checks = [
  { name: "Format and lint", file: "@biomejs/biome/bin/biome", arguments: ["check", "--error-on-warnings"] },
  {
    name: "Routes of the fast lane",
    file: path.join(root, "scripts/lane-routes.mjs"),
    arguments: ["--check"],
  },
  { name: "Types", file: "typescript/bin/tsc", arguments: ["--noEmit", "--pretty", "false"] },
];

/**
 * Runs one check with its output kept together.
 * @param {typeof checks[number]} check
 * @returns {Promise<{ name: string, passed: boolean, output: string }>}
 */
function run(check) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [require.resolve(check.file), ...check.arguments], { cwd: root });
    let output = "";
    const collect = (/** @type {Buffer} */ chunk) => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", reject);
    child.once("close", (code) => resolve({ name: check.name, passed: code === 0, output }));
  });
}

/** @returns {Promise<{ passed: number, failed: number }>} */
export async function runChecks() {
  const results = await Promise.all(checks.map(run));
  for (const { name, passed, output } of results) {
    console.log(`${passed ? "passed" : "FAILED"}  ${name}`);
    if (!passed) console.log(output.trimEnd());
  }
  const failed = results.filter((result) => !result.passed).length;
  return { passed: results.length - failed, failed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { failed } = await runChecks();
  process.exitCode = failed > 0 ? 1 : 0;
}
