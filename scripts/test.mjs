/**
 * `npm test`: format, lint and types, then unit and integration tests. `npm run test:slow`: what takes longer, and the
 * tests of `npm test` once more on another version of Node. Both end with a line `N passed, N failed, N skipped`.
 */
import { runChecks } from "./check.mjs";
import { otherNode } from "./test/other-node.mjs";
import { add, exitCode, nothing, summary } from "./test/tally.mjs";
import { runVitest } from "./test/vitest.mjs";

/** Longer than both ever take: a run that hangs ends, and says so. */
const limitMs = { fast: 30 * 60_000, slow: 3 * 3_600_000 };

async function fast() {
  const checks = await runChecks();
  const tests = await runVitest({ config: "vitest.config.ts", limitMs: limitMs.fast });
  return add({ ...checks, skipped: 0 }, tests);
}

async function slow() {
  const tests = await runVitest({ config: "vitest.slow.config.ts", limitMs: limitMs.slow });
  const node = await otherNode();
  console.log(`\nThe tests of \`npm test\` on Node.js ${node.version}:`);
  return add(tests, await runVitest({ config: "vitest.config.ts", node: node.file, limitMs: limitMs.fast }));
}

let tally = nothing;
try {
  tally = process.argv[2] === "slow" ? await slow() : await fast();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  tally = { ...nothing, failed: 1 };
}
console.log(`\n${summary(tally)}`);
process.exitCode = exitCode(tally);
