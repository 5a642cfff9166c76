/** Tests that mount a disk: as root here, as anybody else in a namespace of their own, where the system allows that. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { test } from "vitest";
import { mountSmallDisk } from "./small-disk.ts";

/** Whether this process may mount. */
export const canMount = succeeds(() => mountSmallDisk().remove());

/** Where this process may not mount but could in a namespace, a test that runs the whole file there. */
export function testInNamespace(file: string): void {
  if (canMount || !succeeds(() => inNamespace(["mount", "-t", "tmpfs", "tmpfs", "/tmp"]))) return;
  test(
    "all of it where this user may mount",
    () => inNamespace([process.execPath, vitest, "run", file]),
    120_000,
  );
}

const vitest = path.resolve(import.meta.dirname, "../../../node_modules/vitest/vitest.mjs");

/** @throws Error with what the command printed when it fails */
function inNamespace(command: readonly string[]): void {
  const variables = Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"));
  const env = { NODE_ENV: "test" as const, ...Object.fromEntries(variables) };
  execFileSync("unshare", ["--map-root-user", "--mount", ...command], { stdio: "pipe", env });
}

function succeeds(run: () => void): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}
