/** A disk that can be filled. */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export interface SmallDisk {
  folder: string;
  /** Leaves no room for anything. */
  fill(): void;
  /** Makes room again. */
  free(): void;
  remove(): void;
}

const newFolder = () => mkdtempSync(path.join(os.tmpdir(), "llm-gateway-test-small-disk-"));

/** A tmpfs that only its owner can read. @throws Error without the right to mount */
export function mountSmallDisk(megabytes = 2): SmallDisk {
  const folder = newFolder();
  try {
    const options = `size=${megabytes}m,mode=0700`;
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "pipe" });
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  const filler = path.join(folder, "filler");
  return {
    folder,
    fill: () => {
      writeFileSync(filler, "");
      for (const sizeBytes of [65_536, 4096, 1]) appendUntilFull(filler, sizeBytes);
    },
    free: () => rmSync(filler, { force: true }),
    remove: () => {
      execFileSync("umount", ["--lazy", folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

function appendUntilFull(file: string, sizeBytes: number): void {
  const block = Buffer.alloc(sizeBytes);
  try {
    for (;;) appendFileSync(file, block);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}

/**
 * The same without the right to mount: while it is full, the process can write no file beyond 4 KB. SQLite then reports
 * an I/O error instead of a full disk. Node ignores the signal that comes with it.
 * @param pid of the process that writes to the disk
 */
export function limitFileSizes(pid = () => process.pid): SmallDisk {
  const folder = newFolder();
  const limit = (softBytes: string) => {
    execFileSync("prlimit", [`--pid=${pid()}`, `--fsize=${softBytes}:`]);
  };
  return {
    folder,
    fill: () => limit("4096"),
    free: () => limit("unlimited"),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
