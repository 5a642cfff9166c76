/** Room on the disk of the models. */
import { bytesPerGigabyte } from "../../lib/bytes.ts";
import { diskRoom } from "../../lib/disk-room.ts";

/** What downloads leave free: the database, logs and everything else on the disk live on. */
export const reserveBytes = bytesPerGigabyte;

/** Bytes that this user can still write to the disk of a folder. */
export async function freeBytes(folder: string): Promise<number> {
  return (await diskRoom(folder)).freeBytes;
}

/** As `4.7 GB`. */
export function gigabytes(bytes: number): string {
  return `${(bytes / bytesPerGigabyte).toFixed(1)} GB`;
}
