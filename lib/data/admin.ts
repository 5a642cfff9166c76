/** The admin that the configuration's `admin_key` belongs to. */
import { GatewayError } from "../errors.ts";
import type { Account } from "../money/types.ts";
import { insertKey, type NewKeyRow, type StoredKey, storedKeyOf } from "./api-keys.ts";
import { recordAction } from "./audit-log.ts";
import { onWriter, type Transaction } from "./query.ts";
import { accountOf, type Cause } from "./users.ts";

/** Address of the admin of the configuration. */
export const adminEmail = "admin@localhost";

export const admin = {
  /**
   * Makes this the one valid key of kind `config`, and its owner an active admin. A change ends the admin's sessions.
   * @returns the admin and all of its keys as they are now
   * @throws GatewayError 409 when the key already belongs to somebody as a key of another kind
   */
  ensure: onWriter(
    async (context, key: NewKeyRow, cause: Cause): Promise<{ account: Account; keys: StoredKey[] }> => {
      const prisma = await context.prisma();
      return prisma.$transaction(async (transaction) => {
        const rest = { tier: "admin", active: true };
        const row = await transaction.user.upsert({
          where: { email: adminEmail },
          create: { email: adminEmail, ...rest, createdAtMs: cause.atMs },
          update: { ...rest, sessionVersion: { increment: 1 } },
        });
        await transaction.apiKey.updateMany({
          where: { kind: "config", revokedAtMs: null, hash: { not: key.hash } },
          data: { revokedAtMs: cause.atMs },
        });
        await reviveOrInsert(transaction, row.id, key, cause);
        await recordAction(transaction, "admin_key.set", `user:${row.id}`, { prefix: key.prefix }, cause);
        const keys = await transaction.apiKey.findMany({ where: { userId: row.id } });
        return { account: accountOf(row), keys: keys.map(storedKeyOf) };
      });
    },
  ),
};

/** An `admin_key` that was used before may come back. */
async function reviveOrInsert(
  transaction: Transaction,
  userId: number,
  key: NewKeyRow,
  cause: Cause,
): Promise<void> {
  const known = await transaction.apiKey.findUnique({ where: { hash: key.hash } });
  if (!known) await insertKey(transaction, userId, key, cause);
  else if (known.kind === "config")
    await transaction.apiKey.update({ where: { id: known.id }, data: { revokedAtMs: null } });
  else throw new GatewayError("conflict", "admin_key is already in use as another key. Choose a new one.");
}
