/** Backups as admins see and fetch them. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { z } from "zod";
import type { Backup } from "../backup/types.ts";
import type { backupReply as schema } from "./schemas/backups.ts";

export { backupParams } from "./schemas/backups.ts";

export function backupReply({ kind, name, path, sizeBytes, createdAtMs }: Backup): z.infer<typeof schema> {
  return { kind, name, path, size_bytes: sizeBytes, created_at: new Date(createdAtMs).toISOString() };
}

/** The file as it is, read while it is sent. */
export function backupDownload({ kind, name, path }: Backup): Response {
  const content = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
  return new Response(content, {
    headers: {
      "content-type": kind === "backup" ? "application/gzip" : "application/vnd.sqlite3",
      "content-disposition": `attachment; filename="${name}"`,
    },
  });
}
