/** A file while it is fetched: `FILE.part`, then `FILE.verified`, and `FILE` when the whole download is there. */
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, realpath, rename, rm } from "node:fs/promises";
import path from "node:path";
import { syncFolder } from "../../lib/config/replace-file.ts";
import { partSuffix, verifiedSuffix } from "../../lib/downloads/local-names.ts";
import { GatewayError } from "../../lib/errors.ts";

/** The names of one file, absolute. */
export interface FileNames {
  final: string;
  part: string;
  verified: string;
}

/** @param relative below the models folder, with `/` between the parts */
export function fileNames(modelsDir: string, relative: string): FileNames {
  const final = path.join(modelsDir, ...relative.split("/"));
  return { final, part: final + partSuffix, verified: final + verifiedSuffix };
}

/**
 * Makes the folder of a file.
 * @throws GatewayError 409 where it is a link that leads out of the models folder
 */
export async function makeFolder(modelsDir: string, { final }: FileNames): Promise<void> {
  const folder = path.dirname(final);
  await mkdir(folder, { recursive: true });
  const [root, real] = await Promise.all([realpath(modelsDir), realpath(folder)]);
  if (!real.startsWith(root + path.sep))
    throw new GatewayError("conflict", `The folder ${path.basename(folder)} leads out of the models folder.`);
}

/**
 * Size of a file in bytes; null where there is none.
 * @throws GatewayError 409 for a folder or a link: nothing is read or written through one
 */
export async function sizeOf(file: string): Promise<number | null> {
  const facts = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (facts === null || facts.isFile()) return facts?.size ?? null;
  throw new GatewayError("conflict", `${path.basename(file)} is in the way: it is no plain file. Remove it.`);
}

/** Appends to a `.part` file. Close it at the end. */
export class PartFile {
  readonly #handle: FileHandle;
  #sizeBytes: number;

  private constructor(handle: FileHandle, sizeBytes: number) {
    this.#handle = handle;
    this.#sizeBytes = sizeBytes;
  }

  /** Opens it, or makes an empty one. Its folder is there. */
  static async open({ part }: FileNames): Promise<PartFile> {
    await sizeOf(part);
    const noLink = constants.O_NOFOLLOW ?? 0;
    const handle = await open(part, constants.O_RDWR | constants.O_CREAT | noLink, 0o644);
    return new PartFile(handle, (await handle.stat()).size);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async empty(): Promise<void> {
    await this.#handle.truncate(0);
    this.#sizeBytes = 0;
  }

  async append(chunks: readonly Buffer[]): Promise<void> {
    let rest = chunks.filter((chunk) => chunk.length > 0);
    while (rest.length > 0) {
      const { bytesWritten } = await this.#handle.writev(rest, this.#sizeBytes);
      this.#sizeBytes += bytesWritten;
      rest = withoutFirst(rest, bytesWritten);
    }
  }

  /** Until a power cut could not take it any more. */
  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** A full disk takes only a part of what it is given, and then says why. */
function withoutFirst(chunks: readonly Buffer[], bytes: number): Buffer[] {
  const rest: Buffer[] = [];
  let left = bytes;
  for (const chunk of chunks) {
    if (left < chunk.length) rest.push(left > 0 ? chunk.subarray(left) : chunk);
    left = Math.max(0, left - chunk.length);
  }
  return rest;
}

/** Gives the verified files of a download their names. Whatever stood there is replaced in one step. */
export async function publish(files: readonly FileNames[]): Promise<void> {
  for (const { verified, final } of files) {
    // It may have got its name before a crash.
    if ((await sizeOf(verified)) !== null) await rename(verified, final);
  }
  for (const folder of new Set(files.map(({ final }) => path.dirname(final)))) await syncFolder(folder);
}

export async function removeUnfinished({ part, verified }: FileNames): Promise<void> {
  for (const file of [part, verified]) await rm(file, { force: true });
}
