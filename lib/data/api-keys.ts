/** Table `api_keys`. */
import { GatewayError } from "../errors.ts";
import type { ApiKey, Limits } from "../money/types.ts";
import { recordAction } from "./audit-log.ts";
import { onWriter, type Transaction } from "./query.ts";
import type { Cause } from "./users.ts";

export interface NewKeyRow {
  name: string;
  prefix: string;
  /** SHA-256, hexadecimal. */
  hash: string;
  kind: ApiKey["kind"];
  limits: Limits;
  expiresAtMs: number | null;
}

/** A key and what it is found by. */
export interface StoredKey {
  key: ApiKey;
  hash: string;
}

/** A row of either kind of query: Prisma gives bigint, our own SQL numbers. */
interface StoredRow {
  id: number;
  userId: number;
  name: string;
  prefix: string;
  hash: string;
  kind: string;
  limits: string;
  expiresAtMs: bigint | number | null;
  revokedAtMs: bigint | number | null;
  createdAtMs: bigint | number;
}

export const apiKeys = {
  /** Every key, revoked ones too: an admin may look at them. Those of deleted users are left out. */
  load: onWriter(async (context): Promise<StoredKey[]> => {
    const rows = await context.rows<StoredRow>(
      "SELECT id, user_id AS userId, name, prefix, hash, kind, limits, expires_at_ms AS expiresAtMs, " +
        "revoked_at_ms AS revokedAtMs, created_at_ms AS createdAtMs FROM api_keys " +
        "WHERE user_id NOT IN (SELECT id FROM users WHERE deleted_at_ms IS NOT NULL) ORDER BY id",
    );
    return rows.map(storedKeyOf);
  }),

  create: onWriter(async (context, userId: number, key: NewKeyRow, cause: Cause): Promise<StoredKey> => {
    const prisma = await context.prisma();
    return prisma.$transaction((transaction) => insertKey(transaction, userId, key, cause));
  }),

  /** @throws GatewayError 404 when there is no such key, or it is revoked already */
  revoke: onWriter(async (context, id: number, cause: Cause): Promise<void> => {
    const prisma = await context.prisma();
    await prisma.$transaction(async (transaction) => {
      const { count } = await transaction.apiKey.updateMany({
        where: { id, revokedAtMs: null },
        data: { revokedAtMs: cause.atMs },
      });
      if (count === 0) throw new GatewayError("not_found", `There is no valid key ${id}.`);
      const row = await transaction.apiKey.findUniqueOrThrow({ where: { id } });
      await recordAction(transaction, "key.revoke", `key:${id}`, { before: shownKey(row) }, cause);
    });
  }),
};

/** Adds a key within a transaction, with its line in the audit log. */
export async function insertKey(
  transaction: Transaction,
  userId: number,
  key: NewKeyRow,
  cause: Cause,
): Promise<StoredKey> {
  const row = await transaction.apiKey.create({
    data: { ...key, userId, limits: JSON.stringify(key.limits), createdAtMs: cause.atMs },
  });
  await recordAction(transaction, "key.create", `key:${row.id}`, { after: shownKey(row) }, cause);
  return storedKeyOf(row);
}

/** What the audit log shows of a key. */
function shownKey(row: StoredRow): Record<string, unknown> {
  const { userId, name, prefix, kind, limits, expiresAtMs } = storedKeyOf(row).key;
  const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
  return { user_id: userId, name, prefix, kind, limits, expires_at: expiresAt };
}

/** A key as `Accounts` keeps it, with its hash. */
export function storedKeyOf(row: StoredRow): StoredKey {
  const key: ApiKey = {
    id: row.id,
    userId: row.userId,
    name: row.name,
    prefix: row.prefix,
    kind: row.kind as ApiKey["kind"],
    limits: JSON.parse(row.limits) as Limits,
    expiresAtMs: row.expiresAtMs === null ? null : Number(row.expiresAtMs),
    revokedAtMs: row.revokedAtMs === null ? null : Number(row.revokedAtMs),
    createdAtMs: Number(row.createdAtMs),
  };
  return { key, hash: row.hash };
}
