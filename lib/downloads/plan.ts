/** What a download consists of. Pure: the repository's listing is there already. */
import { posix } from "node:path";
import { GatewayError } from "../errors.ts";
import { entryName, listEntries } from "../hub/listing.ts";
import { baseModelName, quantizationOf } from "../hub/quantization.ts";
import type { HubEntry, HubFile, HubRepository } from "../hub/types.ts";
import { projectorFor } from "../models/projector.ts";
import { localName, repositoryFolder } from "./local-names.ts";

export interface PlannedFile {
  /** Below the models folder, with `/` between the parts. */
  path: string;
  /** In the repository; of a download by address, empty. */
  remotePath: string;
  sizeBytes: number | null;
  /** Hexadecimal. */
  sha256: string | null;
}

export interface DownloadPlan {
  source: "hub" | "url";
  repoId: string | null;
  revision: string | null;
  url: string | null;
  /** What is shown. */
  name: string;
  folder: string;
  files: PlannedFile[];
}

/**
 * The files of a model in a repository: all parts, and its projector.
 * @param filename any part of the model, or a projector
 * @throws GatewayError 404 where there is no such file; 409 where parts are missing; 400 for an unfit name
 */
export function planOfRepository(
  repository: HubRepository,
  filename: string,
  withProjector: boolean,
): DownloadPlan {
  const { id, revision, files } = repository;
  const { entries, projectors } = listEntries(files);
  const entry = entries.find((one) => one.files.some(({ path }) => path === filename));
  const wanted = entry?.files ?? projectors.filter(({ path }) => path === filename);
  const [first] = wanted;
  if (!first)
    throw new GatewayError("not_found", `'${id}' has no file '${filename.slice(0, 200)}'.`, {
      param: "filename",
    });
  if (entry && entry.missingParts.length > 0)
    throw new GatewayError(
      "conflict",
      `'${id}' has not all parts of '${entryName(filename)}': ${entry.missingParts.length} are missing, the first is number ${entry.missingParts[0]}.`,
      { param: "filename" },
    );
  const folder = repositoryFolder(id);
  const paths = files.map(({ path }) => path);
  const planned = wanted.map((file) => plannedFile(file, folder, localName(file.path, paths)));
  const projector = withProjector ? files.find(({ path }) => path === entry?.projector) : undefined;
  if (projector && entry)
    planned.push(plannedFile(projector, folder, projectorName(projector.path, entry, paths)));
  return {
    source: "hub",
    repoId: id,
    revision,
    url: null,
    name: posix.basename(planned[0]?.path ?? ""),
    folder,
    files: planned,
  };
}

/**
 * A projector without a model's name, as `mmproj-F16.gguf`, gets it: else nobody could tell whose it is as soon as a
 * second quantisation lies beside it.
 */
function projectorName(path: string, entry: HubEntry, allPaths: readonly string[]): string {
  if (projectorFor(entry.path, [path], false) !== null) return localName(path, allPaths);
  const quantization = quantizationOf(path);
  const name = `mmproj-${baseModelName(entry.path)}${quantization ? `-${quantization}` : ""}.gguf`;
  return localName(name, [name]);
}

function plannedFile({ path, sizeBytes, sha256 }: HubFile, folder: string, name: string): PlannedFile {
  return { path: `${folder}/${name}`, remotePath: path, sizeBytes, sha256 };
}
