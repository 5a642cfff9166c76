import { expect, test } from "vitest";
import { createAccounts } from "../../lib/money/accounts.ts";
import { openDatabase } from "./client.ts";
import { databasePaths } from "./paths.ts";
import { auditBooks, noDifferences } from "./testing/books.ts";
import { canMount, testInNamespace } from "./testing/mounting.ts";
import { actor, settlement } from "./testing/samples.ts";
import { limitFileSizes, mountSmallDisk } from "./testing/small-disk.ts";
import { inspect } from "./testing/test-database.ts";

const disks = {
  "a limit on file sizes": limitFileSizes,
  ...(canMount && { "a small tmpfs": mountSmallDisk }),
};

testInNamespace(import.meta.filename);

test.runIf(process.platform === "linux").each(Object.entries(disks))(
  "nothing can be written (%s): finished requests end, nothing is lost and nothing counts twice",
  async (_, makeDisk) => {
    const disk = makeDisk();
    const { file } = databasePaths(disk.folder);
    const database = await openDatabase({ dataDir: disk.folder });
    try {
      const events: string[] = [];
      const log = { info: () => events.push("works"), error: () => events.push("fails") };
      const accounts = await createAccounts({ database, log, retryMs: 20 });
      const newUser = (email: string) =>
        accounts.createUser({ email, tier: "payg", balanceNanos: 1_000_000 }, actor, "");
      const { account, apiKey } = await newUser("a@example.com");
      const settle = () => accounts.settle(settlement({ userId: account.id, costNanos: 1000 }));
      await Promise.all([settle(), settle()]);

      disk.fill();
      await Promise.all([settle(), settle(), settle()]);
      expect(accounts.storageOk()).toBe(false);
      await settle();
      expect(account.balanceNanos).toBe(1_000_000 - 6 * 1000);
      expect(accounts.authenticate(apiKey)?.account).toBe(account);
      await expect(newUser("b@example.com")).rejects.toMatchObject({ code: "storage_unavailable" });
      await expect(
        accounts.updateUser(account.id, { balanceNanos: 5_000_000 }, actor, ""),
      ).rejects.toMatchObject({ code: "storage_unavailable" });
      expect(account.balanceNanos).toBe(1_000_000 - 6 * 1000);
      expect(accounts.storageOk()).toBe(false);
      expect(inspect(file, "SELECT count(*) AS n FROM usage")).toEqual([{ n: 2 }]);

      disk.free();
      await accounts.flush();
      expect(accounts.storageOk()).toBe(true);
      expect(events).toEqual(["fails", "works"]);
      await newUser("b@example.com");
      expect(inspect(file, "SELECT count(*) AS n FROM usage")).toEqual([{ n: 6 }]);
      expect(inspect(file, "SELECT balance_nanos FROM users WHERE id = 1")).toEqual([
        { balance_nanos: 1_000_000 - 6 * 1000 },
      ]);
      expect(auditBooks(file)).toEqual(noDifferences);
    } finally {
      disk.free();
      await database.close();
      disk.remove();
    }
  },
);
