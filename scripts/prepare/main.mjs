/** Runs the steps that are needed, one preparation at a time for a clone and for the shared cache. */
import path from "node:path";
import { Lock } from "../../lib/lock.mjs";
import { endWithParent } from "../parent.mjs";
import { endCommands, watcher } from "./command.mjs";
import { provideExec } from "./exec-command.mjs";
import { Report } from "./report.mjs";
import { readSettings, root } from "./settings.mjs";
import { steps } from "./steps.mjs";

/** Prepares for what the command line says; ends the process with exit code 1 where that fails. */
export async function prepare() {
  const report = new Report(process.stdout);
  try {
    const settings = readSettings(process.argv.slice(2), process.env);
    if (settings.purpose === "test") (await import("./system.mjs")).checkTestTools();
    const locks = {
      clone: new Lock(path.join(root, ".prepare.lock")),
      cache: new Lock(path.join(settings.cacheDir, "prepare.lock")),
    };
    endOnSignals(Object.values(locks));
    endWithParent();
    let did = 0;
    for (const step of steps(settings)) if (await perform(step, locks[step.lock], report)) did += 1;
    if (process.platform === "win32") provideExec(root);
    if (did === 0 && settings.purpose === "setup") report.note("Everything is in place.");
  } catch (error) {
    report.failed();
    console.error(`\n${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

/**
 * @param {import("./steps.mjs").Step} step
 * @param {Lock} lock
 * @param {Report} report
 * @returns {Promise<boolean>} whether there was something to do
 */
async function perform(step, lock, report) {
  if (!step.isNeeded()) return false;
  await lock.acquire(({ pid, since }) =>
    report.note(`Waiting for another preparation: process ${pid}, at work since ${since}.`),
  );
  try {
    // Whoever had the lock may have done it.
    if (!step.isNeeded()) return false;
    watcher.onStart = (pid) => lock.addChild(pid);
    report.begin(step.title);
    report.done((await step.run(report)) ?? undefined);
  } catch (error) {
    if (step.withoutIt === undefined) throw error;
    report.failed();
    report.note(`${error instanceof Error ? error.message : error}\n  ${step.withoutIt}`);
  } finally {
    lock.release();
  }
  return true;
}

/** @param {Lock[]} locks */
function endOnSignals(locks) {
  for (const [signal, code] of /** @type {const} */ ([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])) {
    process.once(signal, () => {
      endCommands();
      for (const lock of locks) lock.release();
      console.error("\nInterrupted. The next run takes up where this one was.");
      process.exit(code);
    });
  }
}
