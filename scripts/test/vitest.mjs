/** Runs Vitest and counts what came of it. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "../prepare/settings.mjs";
import { nothing, tallyOf } from "./tally.mjs";

/**
 * @param {object} options
 * @param {string} options.config relative to the clone
 * @param {number} options.limitMs
 * @param {string} [options.node] another Node than this one
 * @param {"inherit" | "ignore"} [options.output] where its output goes
 * @returns {Promise<import("./tally.mjs").Tally>}
 */
export async function runVitest({ config, limitMs, node = process.execPath, output = "inherit" }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "llm-gateway-test-"));
  const report = path.join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  try {
    const succeeded = await runToEnd(node, ["run", "--config", config, ...reporters], limitMs, output);
    return tallyOf(JSON.parse(readFileSync(report, "utf8")), succeeded);
  } catch (error) {
    console.error(`Vitest left no report: ${error instanceof Error ? error.message : error}`);
    return { ...nothing, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} node
 * @param {string[]} args
 * @param {number} limitMs
 * @param {"inherit" | "ignore"} output
 * @returns {Promise<boolean>} whether it ended with exit code 0
 */
function runToEnd(node, args, limitMs, output) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [path.join(root, "node_modules/vitest/vitest.mjs"), ...args], {
      cwd: root,
      stdio: output,
      timeout: limitMs,
      // Tests that start `node` or `npm` get the same Node.
      env: { ...process.env, PATH: path.dirname(node) + path.delimiter + (process.env.PATH ?? "") },
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal) console.error(`Vitest was ended by ${signal} after at most ${limitMs / 60_000} minutes.`);
      resolve(code === 0);
    });
  });
}
