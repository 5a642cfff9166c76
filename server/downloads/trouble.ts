/** What stops an attempt to fetch a file. */
import { reasonOf } from "../../lib/hub/refusal.ts";

/** `again`: another attempt may do; `no_space`: the admin has to make room first; `failed`: nothing helps by itself. */
export type TroubleKind = "again" | "no_space" | "failed";

export class Trouble extends Error {
  override readonly name = "Trouble";

  constructor(
    readonly kind: TroubleKind,
    /** For the admin: no address with a query in it. */
    message: string,
    /** Seconds that the server asks to wait. */
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
  }
}

/** The connection broke, or there is none. */
export function connectionTrouble(host: string, error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  return new Trouble("again", `${host} could not be read from${reasonOf(error)}.`);
}

/** The disk refused. @param folder what is shown of the place */
export function diskTrouble(error: unknown, folder: string): Trouble {
  if (error instanceof Trouble) return error;
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "SQLITE_FULL") return noSpace(folder);
  if (code === "EFBIG")
    return new Trouble("failed", `The file system of ${folder} takes no file as large as this.`);
  const reason = error instanceof Error ? error.message : String(error);
  return new Trouble("failed", `The file could not be written: ${reason}`);
}

/** @param lack the figures */
export function noRoom(folder: string, lack: string): Trouble {
  return new Trouble(
    "no_space",
    `The disk of ${folder} has no room for it: ${lack} Remove models or other files, then continue.`,
  );
}

export function noSpace(folder: string): Trouble {
  return new Trouble(
    "no_space",
    `The disk of ${folder} is full: 1 GB has to stay free. Remove models or other files, then continue.`,
  );
}
