/** Keeps model paths inside the folders that models may lie in. */
import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import { GatewayError } from "../errors.ts";
import { isModelFileName } from "./model-files.ts";

export interface ModelFolders {
  /** Absolute. Relative paths count from here. */
  modelsDir: string;
  /** Absolute; further folders that are only read. */
  extra: readonly string[];
  /** Absolute. Links in `modelsDir` may point here: the starter model lies in the cache. */
  cacheDir: string;
}

/**
 * The absolute path of a model file named in a request or in the config.
 * @param param the field that named it, for the error
 * @throws GatewayError 400 when it leads outside of the folders, also by a link, or is no GGUF file
 */
export function confineModelPath(named: string, folders: ModelFolders, param: string): Promise<string> {
  return confineFile(named, folders, param, ".gguf");
}

/** As `confineModelPath`, for a chat template. */
export function confineTemplatePath(named: string, folders: ModelFolders, param: string): Promise<string> {
  return confineFile(named, folders, param, ".jinja");
}

async function confineFile(
  named: string,
  folders: ModelFolders,
  param: string,
  extension: string,
): Promise<string> {
  const outside = new GatewayError(
    "invalid_request",
    `'${shown(named)}' is not inside the models folder or one of model_folders.`,
    { param },
  );
  if (named.includes("\0")) throw outside;
  const file = path.resolve(folders.modelsDir, named);
  if (![folders.modelsDir, ...folders.extra].some((folder) => contains(folder, file))) throw outside;
  const isRight =
    extension === ".gguf" ? isModelFileName(file) : path.extname(file).toLowerCase() === extension;
  if (!isRight)
    throw new GatewayError("invalid_request", `'${shown(named)}' is not a ${extension} file.`, { param });
  const target = await realpath(file).catch(() => null);
  if (target === null)
    throw new GatewayError("invalid_request", `There is no model file '${shown(named)}'.`, { param });
  if (!(await isAllowedTarget(target, folders))) throw outside;
  if (!(await stat(target)).isFile())
    throw new GatewayError("invalid_request", `'${shown(named)}' is not a file.`, { param });
  // Not the link's target: the parts of a split model are looked for beside the name that was given.
  return file;
}

/** True when a path without links in it lies in a folder that models, or links to models, may lead to. */
export async function isAllowedTarget(target: string, folders: ModelFolders): Promise<boolean> {
  return (await allowedRoots(folders)).some((root) => contains(root, target));
}

/** The folders that links to models may lead to, as they really are; those that are not there are left out. */
export async function allowedRoots(folders: ModelFolders): Promise<string[]> {
  const named = [folders.modelsDir, ...folders.extra, ...folders.extra.flatMap(blobsOf), folders.cacheDir];
  const real = await Promise.all(named.map((folder) => realpath(folder).catch(() => null)));
  return real.filter((folder) => folder !== null);
}

/** A snapshot in Hugging Face's cache holds links only; the files lie two folders up. */
function blobsOf(folder: string): string[] {
  const above = path.dirname(folder);
  return path.basename(above) === "snapshots" ? [path.join(path.dirname(above), "blobs")] : [];
}

/** True where a path without `..` in it lies below a folder. */
export function contains(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return (
    relative !== "" &&
    relative !== ".." &&
    !relative.startsWith(`..${path.sep}`) &&
    !path.isAbsolute(relative)
  );
}

/** What was named, short and printable. */
export function shown(named: string): string {
  return named.slice(0, 200).replace(/\p{Cc}/gu, "?");
}
