/** How much room a disk has. */
import { statfs } from "node:fs/promises";

export interface DiskRoom {
  totalBytes: number;
  /** What this user can still write. */
  freeBytes: number;
}

/** The disk that a folder is on. @throws Error where the folder is not there */
export async function diskRoom(folder: string): Promise<DiskRoom> {
  const { blocks, bavail, bsize } = await statfs(folder);
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
}
