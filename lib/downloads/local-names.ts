/**
 * Where downloads lie below the models folder: one folder for each repository, so that a projector finds its model, and
 * no folders in it. Names come from strangers: what could lead elsewhere, or be no file on some system, is refused.
 */
import { posix } from "node:path";
import { GatewayError } from "../errors.ts";

/** While it is written, while it waits for the download's other files, and when all of it is there. */
export const partSuffix = ".part";
export const verifiedSuffix = ".verified";

/** Systems allow 255 bytes for a name; the suffixes take some. */
const maxNameBytes = 240;

/** Devices of Windows, with any extension. */
const devices = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
/** Separators, what Windows forbids, and what cannot be seen: controls, changes of direction, half characters. */
const forbidden = /[/\\:*?"<>|\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** True for a name that is one file of a folder on every system. */
export function isPlainName(name: string): boolean {
  return (
    name !== "" &&
    !/^[.\s-]|[.\s]$/.test(name) &&
    !forbidden.test(name) &&
    !devices.test(name) &&
    Buffer.byteLength(name) <= maxNameBytes
  );
}

/** Folder of a repository: `owner--name`. */
export function repositoryFolder(repoId: string): string {
  return plain(repoId.replace("/", "--"));
}

/**
 * Local names of a repository's files, by their paths there: the last part of the path, or all of it joined by `--`
 * where two files would be called alike.
 * @throws GatewayError 400 for a name that cannot be a file's here
 */
export function localName(path: string, allPaths: readonly string[]): string {
  const base = (one: string) => posix.basename(one).toLowerCase();
  const isAlone = allPaths.every((other) => other === path || base(other) !== base(path));
  return plain(isAlone ? posix.basename(path) : path.split("/").join("--"));
}

/** Folder and name for the file of an address. @throws GatewayError 400 */
export function placeOfAddress(url: URL): { folder: string; name: string } {
  const last = url.pathname.split("/").at(-1) ?? "";
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    // A name that is not encoded is taken as it is.
  }
  if (!/\.gguf$/i.test(name))
    throw new GatewayError("invalid_request", "The address must end in the name of a .gguf file.", {
      param: "url",
    });
  return { folder: plain(url.hostname.replace(/^\[|\]$/g, "").replaceAll(":", "_")), name: plain(name) };
}

function plain(name: string): string {
  if (isPlainName(name)) return name;
  const shown = name.slice(0, 100).replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "?");
  throw new GatewayError("invalid_request", `'${shown}' cannot be the name of a file here.`);
}
