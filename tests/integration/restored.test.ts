/** A whole gateway on a folder that was restored from a backup. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { restoreBackup } from "../../server/backup/restore.ts";
import { backedFolder, newFolder, removeFolder } from "../../server/backup/testing/data-folder.ts";
import { actor } from "../../server/database/testing/samples.ts";
import { databaseFaults } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { freePorts } from "../harness/port.ts";

test("a gateway starts from it, keeps a restore away while it runs, and undoes one that was interrupted", async () => {
  const [source, target, slotPorts] = await Promise.all([newFolder(), newFolder(), freePorts(7)]);
  const { accounts, backups, database } = await backedFolder(source);
  const user = { email: "ann@example.com", tier: "payg" as const, balanceNanos: 7_000_000_000 };
  const { apiKey } = await accounts.createUser(user, actor, "paid");
  const backup = await backups.create();
  await database.close();
  await restoreBackup(backup.path, target);
  const statusOf = async (gateway: Gateway) =>
    (await gateway.fetch("/v1/models", { headers: { authorization: `Bearer ${apiKey}` } })).status;
  {
    await using gateway = await startGateway({ dataDir: target, slotPorts });
    expect(await statusOf(gateway)).toBe(200);
    await expect(restoreBackup(backup.path, target)).rejects.toThrow(`PID ${gateway.pid}`);
    expect(await gateway.stop()).toBe(0);
  }
  expect(databaseFaults(target)).toEqual([]);

  // As a power cut leaves it: the old database is aside, and the new one is not in its place.
  const working = path.join(target, ".restoring");
  await mkdir(path.join(working, "before"), { recursive: true });
  await writeFile(path.join(working, "existed.json"), JSON.stringify(["config.json", "gateway.db"]));
  await rename(path.join(target, "gateway.db"), path.join(working, "before", "gateway.db"));
  {
    await using gateway = await startGateway({ dataDir: target, slotPorts });
    expect(await statusOf(gateway)).toBe(200);
    expect(gateway.logs()).toContain("A restore that was interrupted was undone.");
  }
  await Promise.all([source, target].map(removeFolder));
}, 90_000);
