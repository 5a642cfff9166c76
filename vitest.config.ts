import os from "node:os";
import path from "node:path";
import { configDefaults, defineConfig } from "vitest/config";

export const resolve = { alias: { "@": path.resolve(import.meta.dirname) } };
/** Nobody's sources: what builds and runs leave behind. */
export const produced = [...configDefaults.exclude, ".next/**", "data/**"];

/** What `npm test` runs: unit tests beside their source, and `tests/integration` with real processes. */
export default defineConfig({
  resolve,
  test: {
    include: ["**/*.test.ts", "**/*.test.tsx"],
    exclude: [...produced, "**/*.slow.test.ts"],
    // Processes, not threads: tests change the environment, the working folder and signal handlers.
    pool: "forks",
    // Of two cores Vitest would use one, and many tests wait: for engines, for deadlines.
    maxWorkers: Math.max(2, os.availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
