import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrationNames } from "../server/database/migration-history.ts";
import { migrationsDir } from "../server/database/paths.ts";

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), "llm-gateway-migrate-command-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

/** `npm run migrate -- ...` on a data folder of the test's own. */
function run(...words: string[]): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", path.join(import.meta.dirname, "migrate.ts"), ...words],
    { encoding: "utf8", env: { ...process.env, GATEWAY_DATA_DIR: dataDir } },
  );
  return { status, out: stdout + stderr };
}

test("the migrations give schema.prisma", () => {
  expect(run("check")).toEqual({ status: 0, out: "The migrations give schema.prisma.\n" });
});

test("`deploy` applies what `status` calls pending, once", () => {
  const names = migrationNames(migrationsDir).join(", ");
  expect(run("status").out).toContain(`Pending: ${names}\n`);
  expect(run("deploy")).toEqual({ status: 0, out: `Applied ${names}.\n` });
  expect(run("status").out).toBe(`Applied: ${names}\nPending: none\nOf a newer version: none\n`);
  expect(run("deploy").out).toBe("Nothing was pending.\n");
});

test("a command or name that makes no sense ends with 1 and says how it is used", () => {
  expect(run()).toMatchObject({ status: 1, out: expect.stringContaining("Usage:") });
  expect(run("create", "../x")).toMatchObject({ status: 1, out: expect.stringContaining("a-z, 0-9 and _") });
});
