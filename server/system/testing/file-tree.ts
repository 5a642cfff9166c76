/** Files of a Linux system as a machine has them, in a folder of a test's own. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

export interface FileTree extends AsyncDisposable {
  root: string;
  /** @param files paths below the root with their texts */
  write(files: Record<string, string>): Promise<void>;
}

export async function fileTree(files: Record<string, string> = {}): Promise<FileTree> {
  const root = await mkdtemp(path.join(os.tmpdir(), "llm-gateway-system-"));
  const write = async (more: Record<string, string>) => {
    for (const [name, text] of Object.entries(more)) {
      await mkdir(path.dirname(path.join(root, name)), { recursive: true });
      await writeFile(path.join(root, name), text);
    }
  };
  await write(files);
  return { root, write, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}
