/**
 * Builds what `npm start` runs. `node scripts/build.mjs [server|portal]`: the server's bundle in `dist/`, the portal in
 * `.next/`, or both.
 */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** Bundles the custom server and its threads; packages stay outside. */
async function buildServer() {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: {
      server: "server/server.ts",
      "database-worker": "server/database/worker.ts",
      "hash-worker": "server/downloads/hash-worker.mjs",
    },
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // What is imported only on demand, as Prisma, lies in files of its own.
    splitting: true,
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
    // Node resolves this path in an ES module only with its extension.
    alias: { "next/server": "next/server.js" },
    sourcemap: true,
    logLevel: "warning",
  });
}

/** Next says itself what is wrong; the exit code tells that something is. */
function buildPortal() {
  const next = createRequire(import.meta.url).resolve("next/dist/bin/next");
  const { status } = spawnSync(process.execPath, [next, "build"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  process.exitCode = status ?? 1;
}

const part = process.argv[2];
if (part !== undefined && part !== "server" && part !== "portal") {
  throw new Error(`Unknown part: ${part}. Use "server", "portal" or nothing.`);
}
try {
  if (part !== "portal") await buildServer();
  if (part !== "server") buildPortal();
} catch (error) {
  // esbuild has already said what is wrong, where, and more readably.
  if (!(error instanceof Error && "errors" in error)) throw error;
  process.exitCode = 1;
}
