/** Room on the disk of the models. */
import { bytesPerGigabyte, inWords } from "../../lib/bytes.ts";
import { diskRoom } from "../../lib/disk-room.ts";

/** What downloads leave free: the database, logs and everything else on the disk live on. */
export const reserveBytes = bytesPerGigabyte;

/** Bytes that this user can still write to the disk of a folder. */
export async function freeBytes(folder: string): Promise<number> {
  return (await diskRoom(folder)).freeBytes;
}

export interface Room {
  freeBytes: number;
  /** What downloads and uploads under way will still write. */
  promisedBytes: number;
}

/**
 * Why there is no room for a file beside all that is promised, with the figures; null where there is.
 * @param name what is shown
 */
export function lackOfSpace(
  name: string,
  needBytes: number,
  { freeBytes, promisedBytes }: Room,
): string | null {
  if (needBytes === 0 || needBytes + promisedBytes + reserveBytes <= freeBytes) return null;
  const others = promisedBytes > 0 ? `, downloads and uploads under way need ${inWords(promisedBytes)}` : "";
  return `${name} needs ${inWords(needBytes)}${others}, 1 GB has to stay free, and ${inWords(freeBytes)} are free.`;
}
