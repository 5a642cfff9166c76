/**
 * Writes server/http/lane-routes.ts from the folders of app/v1, so that the fast lane serves what Next would.
 * `node scripts/lane-routes.mjs --check` fails where the file is stale.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const target = path.join(root, "server/http/lane-routes.ts");

/**
 * @param {string} folder below the root, with forward slashes
 * @returns {string[]} every folder that holds a route.ts
 */
function routeFolders(folder) {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true });
  const below = entries
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => routeFolders(`${folder}/${entry.name}`));
  return entries.some((entry) => entry.name === "route.ts") ? [folder, ...below] : below;
}

/** In the order of their files, as imports are sorted. */
const folders = routeFolders("app/v1").sort((one, other) =>
  `${one}/route.ts` < `${other}/route.ts` ? -1 : 1,
);
const text = `/** Made from app/v1 by scripts/lane-routes.mjs. */
${folders.map((folder, index) => `import * as route${index} from "../../${folder}/route.ts";`).join("\n")}
import type { LaneRoute } from "./lane.ts";

export const laneRoutes: readonly LaneRoute[] = [
${folders.map((folder, index) => `  { path: "${folder.slice("app".length)}", handlers: route${index} },`).join("\n")}
];
`;

if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (readFileSync(target, "utf8") !== text) {
  console.error("server/http/lane-routes.ts does not match app/v1. Run: node scripts/lane-routes.mjs");
  process.exitCode = 1;
}
