/** Backups on the wire. */
import { z } from "zod";

export const backupReply = z.object({
  name: z.string(),
  path: z.string().describe("On the gateway's machine"),
  size_bytes: z.int(),
  created_at: z.iso.datetime(),
});

export const backupList = z.object({ data: z.array(backupReply).describe("Newest first") });

export const backupParams = z.object({
  name: z.string().min(1).max(100).describe("As GET backups names it"),
});

export const deletedBackup = z.object({ name: z.string(), deleted: z.literal(true) });
