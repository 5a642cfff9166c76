/** Names on the hub: what is one, and how it stands in an address. */
import { z } from "zod";

/** `owner/name`; the hub allows letters, digits, `-`, `_` and `.`, but no `..`. */
export const repoId = z
  .string()
  .max(200)
  .regex(
    /^(?!.*\.\.)[A-Za-z0-9_][\w.-]{0,95}\/[A-Za-z0-9_][\w.-]{0,95}$/,
    "must be a repository, as owner/name",
  );

/** A branch, a tag or a commit. */
export const revisionName = z
  .string()
  .max(200)
  .regex(/^(?!.*\.\.)[\w][\w./-]*$/, "must be a branch, a tag or a commit");

/** A GGUF file in a repository. */
export const repositoryFile = z
  .string()
  .min(1)
  .max(1000)
  .regex(/\.gguf$/i, "must be a .gguf file");

/** A file of a repository, as an address of the hub names it. */
export interface HubAddress {
  repoId: string;
  revision: string;
  filename: string;
}

/**
 * Reads the address of a file's page or of its download (`blob` and `resolve`), as it is copied from a browser.
 * @param hubUrl `hub_url` of the configuration
 * @returns null for any other address
 */
export function parseHubAddress(text: string, hubUrl: string): HubAddress | null {
  if (!URL.canParse(text)) return null;
  const [url, hub] = [new URL(text), new URL(hubUrl)];
  const root = hub.pathname.replace(/\/+$/, "");
  if (url.origin !== hub.origin || url.username || !url.pathname.startsWith(`${root}/`)) return null;
  const parts = url.pathname.slice(root.length + 1).split("/");
  const [owner, name, kind, revision, ...file] = parts.map(decoded);
  if ((kind !== "resolve" && kind !== "blob") || file.length === 0) return null;
  const address = { repoId: `${owner}/${name}`, revision: revision ?? "", filename: file.join("/") };
  const fits =
    repoId.safeParse(address.repoId).success &&
    revisionName.safeParse(address.revision).success &&
    repositoryFile.safeParse(address.filename).success;
  return fits ? address : null;
}

/** Where a file of a repository is downloaded from. */
export function resolveAddress(hubUrl: string, { repoId, revision, filename }: HubAddress): string {
  const file = filename.split("/").map(encodeURIComponent).join("/");
  return `${hubUrl.replace(/\/+$/, "")}/${repoId}/resolve/${encodeURIComponent(revision)}/${file}`;
}

/** True for a file that llama-server can load, or that belongs to one, by its name. */
export function isModelPath(path: string): boolean {
  return repositoryFile.safeParse(path).success;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
