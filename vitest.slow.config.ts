import { defineConfig } from "vitest/config";
import { produced, resolve } from "./vitest.config.ts";

/** What `npm run test:slow` runs: fault cycles, soak and load, one file at a time so that none disturbs another. */
export default defineConfig({
  resolve,
  test: {
    include: ["**/*.slow.test.ts"],
    exclude: produced,
    pool: "forks",
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
