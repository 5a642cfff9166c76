/** Users and the audit log on the wire, as far as lib/admin/schemas.ts does not have them. */
import { z } from "zod";
import { transactionReply, userWithKeysReply } from "../schemas.ts";

const id = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, "must be a number")
  .transform(Number);

const limit = (standard: number, most: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,3}$/, `must be a number from 1 to ${most}`)
    .transform(Number)
    .refine((value) => value <= most, `must be at most ${most}`)
    .default(standard);

export const usersQuery = z.strictObject({
  search: z.string().max(254).optional().describe("Part of an address, in any case"),
  after: id.optional().describe("Only those after the user of this id"),
  limit: limit(1000, 1000),
});

export const userList = z.object({
  data: z.array(userWithKeysReply).describe("By id, the oldest first"),
  total: z.int().describe("How many there are, without `after` and `limit`"),
  has_more: z.boolean(),
});

export const deleteUser = z.strictObject({
  confirm: z.string().max(254).describe("The user's address, as a safeguard"),
});

export const deletedUser = z.object({
  id: z.int(),
  deleted: z.literal(true),
  erased: z
    .boolean()
    .describe("false: free parts of the database file may hold traces until the gateway is started again"),
  backups: z
    .array(z.string())
    .describe("Backups and copies from before, which still hold the user's data until they are deleted"),
});

export const auditQuery = z.strictObject({
  limit: limit(100, 1000),
  before: id.optional().describe("Only those older than the entry of this id"),
  action: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe("As `user.update`; one that ends in a point, as `user.`, stands for all that begin with it"),
  target: z.string().min(1).max(600).optional().describe("As `user:5`"),
});

export const auditEntry = z.object({
  id: z.int(),
  at: z.iso.datetime(),
  action: z.string(),
  target: z.string(),
  actor: z
    .object({
      user_id: z.int(),
      email: z.string().nullable().describe("null for a user that is deleted"),
      key_id: z.int().nullable(),
      key_name: z.string().nullable(),
      key_prefix: z.string().nullable(),
    })
    .nullable()
    .describe("null: the gateway itself"),
  request_id: z.string(),
  detail: z
    .record(z.string(), z.unknown())
    .describe("What changed, mostly as `before` and `after`; no secrets"),
});

export const auditList = z.object({ data: z.array(auditEntry).describe("Newest first") });

const row = z.record(z.string(), z.unknown());

/** What `GET users/{id}/export` streams. */
export const userExport = z.object({
  exported_at: z.iso.datetime(),
  user: userWithKeysReply,
  keys: z.array(row).describe("Revoked ones, too; never the keys themselves"),
  transactions: z.array(transactionReply).describe("Every change of the balance, oldest first"),
  requests: z
    .array(row)
    .describe("Rows of single requests that are still kept, with the names of their columns"),
  days: z.array(row).describe("Sums of days"),
  signups: z.array(row),
  audit: z.array(auditEntry).describe("What admins did to the user"),
});

export type AuditQuery = z.infer<typeof auditQuery>;
export type AuditReply = z.infer<typeof auditEntry>;
export type UsersQuery = z.infer<typeof usersQuery>;
export type UserList = z.infer<typeof userList>;
