/** Plain JavaScript, because `scripts/prepare.mjs` needs it before dependencies exist. */
import os from "node:os";
import path from "node:path";

/**
 * Where engine binaries and the starter model lie, shared by all clones of this user: `GATEWAY_CACHE_DIR`, else the
 * user's cache folder by the platform's own convention. Empty values count as unset.
 * @param {Record<string, string | undefined>} variables the environment
 * @param {NodeJS.Platform} platform
 * @returns {string} absolute
 */
export function cacheFolder(variables, platform = process.platform) {
  if (variables.GATEWAY_CACHE_DIR) return path.resolve(variables.GATEWAY_CACHE_DIR);
  const home = os.homedir();
  if (platform === "win32")
    return path.join(variables.LOCALAPPDATA || path.join(home, "AppData", "Local"), "llm-gateway");
  if (platform === "darwin") return path.join(home, "Library", "Caches", "llm-gateway");
  return path.join(variables.XDG_CACHE_HOME || path.join(home, ".cache"), "llm-gateway");
}
