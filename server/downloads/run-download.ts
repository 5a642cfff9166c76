/** Fetches the files of a download, one after the other, and gives them their names when all are verified. */
import { rename } from "node:fs/promises";
import path from "node:path";
import type { DownloadFileChange, DownloadFileRow } from "../../lib/data/downloads.ts";
import { resolveAddress } from "../../lib/hub/names.ts";
import { checkModel } from "./check-model.ts";
import type { Download } from "./download.ts";
import { type FetchContext, fetchFile } from "./fetch-file.ts";
import { FileHash } from "./file-hash.ts";
import { type FileNames, fileNames, makeFolder, publish, removeUnfinished, sizeOf } from "./part-file.ts";
import { openSource, type Source, type SourceOptions } from "./source.ts";
import { diskTrouble, Trouble } from "./trouble.ts";

export interface RunContext extends Pick<FetchContext, "checkRoom" | "checkSpace" | "waitScale"> {
  /** Absolute. */
  modelsDir: string;
  source: SourceOptions;
  hub(): { url: string; token: string | null };
  /** @throws Error where the database cannot be written */
  saveFile(file: DownloadFileRow, change: DownloadFileChange): Promise<void>;
  /** Something that is shown has changed; `status` where that has. */
  changed(change?: { status?: "running" | "verifying"; error?: string | null }): void;
}

/** @throws Trouble when it cannot go on; the signal's reason when it is stopped */
export async function runDownload(
  download: Download,
  context: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { modelsDir } = context;
  const { files, folder } = download.row;
  try {
    for (const file of files) {
      const names = fileNames(modelsDir, file.path);
      await makeFolder(modelsDir, names);
      if (!(await isHere(file, names, context, signal))) await fetch(download, file, names, context, signal);
      await checkVerified(download, file, names, context);
      await context.saveFile(file, { done: true, sizeBytes: file.sizeBytes });
      context.changed({ status: "running" });
    }
    signal.throwIfAborted();
    await publish(files.map((file) => fileNames(modelsDir, file.path)));
  } catch (error) {
    signal.throwIfAborted();
    throw diskTrouble(error, folder);
  }
}

/** Whether a file is verified already: in an earlier run, or because it lies here with its sum. */
async function isHere(
  file: DownloadFileRow,
  names: FileNames,
  context: RunContext,
  signal: AbortSignal,
): Promise<boolean> {
  const { sizeBytes, sha256, done } = file;
  if (sizeBytes === null) return false;
  if ((await sizeOf(names.verified)) === sizeBytes) return true;
  if ((await sizeOf(names.final)) !== sizeBytes) return false;
  if (sha256 === null) return done;
  signal.throwIfAborted();
  context.changed({ status: "verifying" });
  const hash = new FileHash(names.final);
  const stop = () => void hash.stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return (await hash.sum(sizeBytes)) === sha256;
  } finally {
    signal.removeEventListener("abort", stop);
    await hash.stop();
  }
}

async function fetch(
  download: Download,
  file: DownloadFileRow,
  names: FileNames,
  context: RunContext,
  signal: AbortSignal,
): Promise<void> {
  context.changed({ status: "running" });
  await fetchFile(
    file,
    {
      names,
      folder: download.row.folder,
      checkRoom: context.checkRoom,
      checkSpace: context.checkSpace,
      waitScale: context.waitScale,
      open: (range, abort) => openSource(sourceOf(download, file, context), range, context.source, abort),
      save: (change) => context.saveFile(file, change),
      onBytes: (bytes) => {
        download.setHaveBytes(file.id, bytes, true);
        context.changed();
      },
      onTrouble: (error) => context.changed({ error }),
      onComplete: () => context.changed({ status: "verifying" }),
    },
    signal,
  );
  file.sizeBytes = await sizeOf(names.part);
  await rename(names.part, names.verified);
}

/**
 * What lies under its own name already is the admin's: it is left as it is.
 * @throws Trouble, with the file removed, where it is no model
 */
async function checkVerified(
  download: Download,
  file: DownloadFileRow,
  names: FileNames,
  context: RunContext,
): Promise<void> {
  if ((await sizeOf(names.verified)) === null) return;
  try {
    await checkModel(names.verified, path.basename(names.final));
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    await removeUnfinished(names);
    download.setHaveBytes(file.id, 0, false);
    // The size of what an address gave is nothing to go by any more.
    await context.saveFile(file, { done: false, ...(download.row.url !== null && { sizeBytes: null }) });
    throw error;
  }
}

/** Asked for each attempt: the token may have been set meanwhile. @throws Trouble */
function sourceOf({ row }: Download, file: DownloadFileRow, { hub }: RunContext): Source {
  if (row.repoId !== null && row.revision !== null) {
    const { url, token } = hub();
    const address = { repoId: row.repoId, revision: row.revision, filename: file.remotePath };
    return { url: resolveAddress(url, address), hub: { url, token, repoId: row.repoId } };
  }
  if (row.url === null) throw new Trouble("failed", "The download has no address.");
  return { url: row.url, hub: null };
}
