/** What a preparation is for, and the folders it works in. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../../lib/cache-folder.mjs";

/** The clone. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * @typedef {"start" | "test" | "dev" | "setup"} Purpose
 * @typedef {object} Settings
 * @property {Purpose} purpose `setup` prepares a start and says so when there is nothing to do
 * @property {string} dataDir absolute
 * @property {string} cacheDir absolute, shared by clones
 * @property {boolean} starter false: a first start goes without the starter model
 * @property {string | undefined} llamaServer a binary that the user named
 * @property {string} hub Hugging Face, or a mirror that the user named
 */

/**
 * @param {readonly string[]} options command line options
 * @param {Record<string, string | undefined>} variables the environment; an empty value counts as unset
 * @returns {Settings}
 * @throws Error for an unknown option
 */
export function readSettings(options, variables) {
  return {
    purpose: readPurpose(options),
    dataDir: path.resolve(variables.GATEWAY_DATA_DIR || "data"),
    cacheDir: cacheFolder(variables),
    starter: variables.GATEWAY_STARTER !== "off",
    llamaServer: variables.LLAMA_SERVER || undefined,
    // The name that Hugging Face's own tools use for a mirror.
    hub: (variables.HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, ""),
  };
}

/**
 * @param {readonly string[]} options
 * @returns {Purpose}
 */
function readPurpose(options) {
  for (const option of options) {
    if (!/^--for=(start|test|dev)$/.test(option))
      throw new Error(`Unknown option ${option}. There is --for=start, --for=test and --for=dev.`);
  }
  const last = options.at(-1)?.slice("--for=".length);
  return last === "start" || last === "test" || last === "dev" ? last : "setup";
}
