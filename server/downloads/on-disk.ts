/** What is there of a download, and what it leaves behind. */
import { stat } from "node:fs/promises";
import type { Download } from "./download.ts";
import { fileNames, removeUnfinished, sizeOf } from "./part-file.ts";

/** Clocks of file systems are coarse. */
const timeSlackMs = 2_000;

/** Reads how far the files of a download are: the length of what is on the disk is the truth. */
export async function lookAtDisk(download: Download, modelsDir: string): Promise<void> {
  for (const { id, path } of download.row.files) {
    const names = fileNames(modelsDir, path);
    // What is in the way is told when the download runs.
    const size = async (file: string) => sizeOf(file).catch(() => null);
    download.setHaveBytes(id, (await size(names.verified)) ?? (await size(names.part)) ?? 0, false);
  }
}

/** Whether the files of a download that is done still lie where it put them, unchanged by all that their facts tell. */
export async function isStillHere({ row }: Download, modelsDir: string): Promise<boolean> {
  if (row.status !== "done") return false;
  for (const { path, sizeBytes } of row.files) {
    const facts = await stat(fileNames(modelsDir, path).final).catch(() => null);
    if (facts?.size !== sizeBytes || facts.mtimeMs > (row.finishedAtMs ?? 0) + timeSlackMs) return false;
  }
  return true;
}

/** Removes what a download has not finished, but for what others go on with. */
export async function removeLeftovers(
  download: Download,
  others: readonly Download[],
  modelsDir: string,
): Promise<void> {
  const kept = new Set(others.flatMap(({ row }) => row.files.map(({ path }) => path)));
  for (const { path } of download.row.files)
    if (!kept.has(path)) await removeUnfinished(fileNames(modelsDir, path));
}
