import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "./client.ts";
import { Connection } from "./connection.ts";
import { eraseTraces } from "./erase.ts";
import { databasePaths } from "./paths.ts";
import { cause, keyRow } from "./testing/samples.ts";
import { inspect } from "./testing/test-database.ts";

test("a file that is too large is written anew at the next start", async () => {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), "llm-gateway-erase-"));
  const { file } = databasePaths(dataDir);
  const marked = () => inspect(file, "PRAGMA user_version");
  try {
    const before = await openDatabase({ dataDir });
    const user = { email: "ann@example.com", tier: "payg" as const, balanceNanos: 0, limits: {} };
    const { account } = await before.users.create(user, keyRow(), cause);
    await before.deletedUsers.remove(account.id, cause);
    const beside = new Connection(file);
    expect(eraseTraces(beside, file, 0)).toBe(false);
    beside.close();
    expect(marked()).toEqual([{ user_version: 1 }]);
    await before.close();

    const after = await openDatabase({ dataDir });
    expect(marked()).toEqual([{ user_version: 0 }]);
    expect(await readFile(file, "latin1")).not.toContain("ann@example.com");
    await after.close();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
