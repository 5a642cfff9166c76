/** Writing a file so that a reader, or a crash, finds the old text or the new one and nothing between. */
import { open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";

/** The file's text, or null where there is none. */
export async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/**
 * Replaces a file's text; only its owner can read it. One writer at a time.
 * @param expected what the file must still hold (null: nothing), so that nobody's edit is overwritten
 * @returns false, with nothing changed, where it holds something else by now
 * @throws the system's error, with nothing changed
 */
export async function replaceFile(file: string, text: string, expected: string | null): Promise<boolean> {
  const folder = path.dirname(file);
  const temporary = path.join(folder, `.${path.basename(file)}.tmp`);
  await rm(temporary, { force: true }); // A crash may have left one.
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if ((await readText(file)) !== expected) return false;
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(folder);
  return true;
}

/** Makes the rename itself survive a power cut. Windows cannot open folders, and needs no such thing. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
