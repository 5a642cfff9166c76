/** Removes model files: only what lies in the models folder itself, and of links the links alone. */
import { lstat, readdir, realpath, rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import { errorCode } from "../error-code.mjs";
import { GatewayError } from "../errors.ts";
import type { LocalModel } from "../slots/types.ts";
import { isModelFileName } from "./model-files.ts";
import { contains, shown } from "./model-path.ts";

/**
 * The absolute path of a file that may be removed. Parents that are links are refused, so that nothing outside can be
 * reached, and the name has to be spelled as the folder spells it, so that a file has one name.
 * @throws GatewayError 400 when it leads outside of the models folder or is no model file, 404 when it is not there
 */
export async function confineDeletion(named: string, modelsDir: string): Promise<string> {
  const refuse = (message: string) => new GatewayError("invalid_request", message, { param: "path" });
  const file = path.resolve(modelsDir, named);
  if (named.includes("\0") || !contains(modelsDir, file))
    throw refuse(`'${shown(named)}' is not inside the models folder. Files elsewhere are only read.`);
  if (!isModelFileName(file)) throw refuse(`'${shown(named)}' is not a model file.`);
  const missing = new GatewayError("not_found", `There is no model file '${shown(named)}'.`, {
    param: "path",
  });
  const folder = path.dirname(file);
  const real = await realpath(folder).catch(() => null);
  if (real === null) throw missing;
  if (real !== path.join(await realpath(modelsDir), path.relative(modelsDir, folder)))
    throw refuse(`'${shown(named)}' is reached by a link to another folder. Files elsewhere are only read.`);
  if (!(await readdir(folder)).includes(path.basename(file))) throw missing;
  if ((await lstat(file)).isDirectory()) throw refuse(`'${shown(named)}' is a folder.`);
  return file;
}

/** What has to go together, absolute, the first file last, so that an interrupted removal leaves a model to be named. */
export interface Removal {
  model: LocalModel | null;
  files: readonly string[];
}

/**
 * What goes when a file does: all parts of its model, and the projector if no other model uses it.
 * @param file as `confineDeletion` gives it
 * @param keeps true for a projector that is to stay whatever the other models use
 */
export function planRemoval(
  file: string,
  models: readonly LocalModel[],
  modelsDir: string,
  keeps: (projector: string) => boolean,
): Removal {
  const absolute = (shownPath: string) => path.resolve(modelsDir, shownPath);
  const model = models.find(({ files }) => files.some((part) => absolute(part) === file)) ?? null;
  if (!model) return { model: null, files: [file] };
  const { mmprojPath } = model;
  const isShared = models.some((other) => other !== model && other.mmprojPath === mmprojPath);
  const takesProjector = mmprojPath !== null && !isShared && !keeps(absolute(mmprojPath));
  const parts = model.files.map(absolute).toReversed();
  return { model, files: takesProjector ? [absolute(mmprojPath), ...parts] : parts };
}

/**
 * Removes the files, and folders that are left empty.
 * @returns how many bytes that frees; a link frees none
 * @throws GatewayError 409 when the system refuses
 */
export async function removeFiles(files: readonly string[], modelsDir: string): Promise<number> {
  let freedBytes = 0;
  for (const file of files) {
    try {
      const facts = await lstat(file);
      await unlink(file);
      freedBytes += facts.isSymbolicLink() ? 0 : facts.size;
    } catch (error) {
      if (errorCode(error) === "ENOENT") continue;
      const message = `${path.basename(file)} cannot be removed (${errorCode(error)}).`;
      throw new GatewayError("conflict", message, { param: "path", cause: error });
    }
  }
  for (const folder of new Set(files.map((file) => path.dirname(file)))) await removeEmpty(folder, modelsDir);
  return freedBytes;
}

/** Up to the models folder, which stays. */
async function removeEmpty(folder: string, modelsDir: string): Promise<void> {
  for (let at = folder; contains(modelsDir, at); at = path.dirname(at)) {
    const isGone = await rmdir(at).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}
