/** Room on the disk of the models. */
import { statfs } from "node:fs/promises";
import { bytesPerGigabyte } from "../../lib/bytes.ts";

/** What downloads leave free: the database, logs and everything else on the disk live on. */
export const reserveBytes = bytesPerGigabyte;

/** Bytes that this user can still write to the disk of a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** As `4.7 GB`. */
export function gigabytes(bytes: number): string {
  return `${(bytes / bytesPerGigabyte).toFixed(1)} GB`;
}
