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

const newFolder = () => mkdtempSync(path.join(os.tmpdir(), "llm-gateway-small-disk-"));

/** A tmpfs of 2 MB. @throws Error without the right to mount */
export function mountSmallDisk(): SmallDisk {
  const folder = newFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], { stdio: "pipe" });
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  const filler = path.join(folder, "filler");
  return {
    folder,
    fill: () => {
      writeFileSync(filler, "");
      for (const sizeBytes of [65_536, 4096]) appendUntilFull(filler, sizeBytes);
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
 * The same without the right to mount: while it is full, no file of this process can be written beyond 4 KB. SQLite
 * then reports an I/O error instead of a full disk. Node ignores the signal that comes with it.
 */
export function limitFileSizes(): SmallDisk {
  const folder = newFolder();
  const limit = (softBytes: string) => {
    execFileSync("prlimit", [`--pid=${process.pid}`, `--fsize=${softBytes}:`]);
  };
  return {
    folder,
    fill: () => limit("4096"),
    free: () => limit("unlimited"),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Whether this process may mount. */
export function canMount(): boolean {
  try {
    mountSmallDisk().remove();
    return true;
  } catch {
    return false;
  }
}
