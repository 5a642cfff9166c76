/** Backups on the wire. */
import { z } from "zod";
import { backupKinds } from "../../backup/types.ts";

export const backupReply = z.object({
  kind: z
    .enum(backupKinds)
    .describe("`before_migration`: the database alone, as it was before a newer version changed its tables"),
  name: z.string(),
  path: z.string().describe("On the gateway's machine"),
  size_bytes: z.int(),
  created_at: z.iso.datetime(),
});

export const backupList = z.object({ data: z.array(backupReply).describe("Newest first") });

export const backupParams = z.object({
  name: z.string().min(1).max(255).describe("As GET backups names it"),
});

export const deletedBackup = z.object({ name: z.string(), deleted: z.literal(true) });
