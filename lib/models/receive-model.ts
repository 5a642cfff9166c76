/** Takes a model file as it comes over the network: it has its name only when it is there and in order. */
import { type FileHandle, link, lstat, mkdir, open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { bytesPerGigabyte, bytesPerMegabyte, inWords } from "../bytes.ts";
import { diskRoom } from "../disk-room.ts";
import { errorCode } from "../error-code.mjs";
import { GatewayError } from "../errors.ts";
import { uploadSuffix } from "./abandoned-uploads.ts";
import { readModelFacts } from "./model-files.ts";
import type { UploadsUnderWay, UploadUnderWay } from "./uploads-under-way.ts";

/** A database and logs have to go on. */
const keepFreeBytes = bytesPerGigabyte;
/** How often the disk is looked at again, as others write to it too. */
const lookEveryBytes = 256 * bytesPerMegabyte;
/** An unfinished file that nobody has written to for so long was left by a gateway that was killed. */
const abandonedAfterMs = 10 * 60_000;

export interface Arrival {
  /** A file name that was checked. */
  name: string;
  /** How many bytes will come. */
  sizeBytes: number;
  body: ReadableStream<Uint8Array>;
  signal: AbortSignal;
  /** Told of it once it has room. */
  uploads: UploadsUnderWay;
}

/**
 * Writes the body to `NAME.upload.part` and gives it its name once its header was read. Whatever goes wrong, nothing
 * is left. Holds one piece of the body at a time.
 * @param freeBytes how much room there is; the disk is asked if absent
 * @returns the absolute path
 * @throws GatewayError 409 where the name is taken or the disk has no room, 400 for a body of another size, 422 for a
 * file that is no model, 499 when the client leaves
 */
export async function receiveModel(
  arrival: Arrival,
  modelsDir: string,
  freeBytes: () => Promise<number> = () => freeBytesOf(modelsDir),
): Promise<string> {
  const { name, sizeBytes } = arrival;
  const file = path.join(modelsDir, name);
  await mkdir(modelsDir, { recursive: true });
  if (await exists(file)) throw taken(name);
  refuseWithoutRoom(await freeBytes(), sizeBytes);
  const part = file + uploadSuffix;
  const handle = await openPart(part, name);
  const underWay = arrival.uploads.begin(sizeBytes);
  try {
    try {
      await write(arrival, handle, underWay, freeBytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await check(part, name);
    await giveName(part, file, name);
    return file;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    underWay.end();
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  return (await diskRoom(folder)).freeBytes;
}

function refuseWithoutRoom(freeBytes: number, neededBytes: number): void {
  if (freeBytes - neededBytes >= keepFreeBytes) return;
  const message = `The file needs ${inWords(neededBytes)}, and of ${inWords(freeBytes)} that are free on the disk ${inWords(keepFreeBytes)} are kept. Delete a model first.`;
  throw new GatewayError("conflict", message);
}

/** Creating it says that this name is being received, to another request and to another process. */
async function openPart(part: string, name: string): Promise<FileHandle> {
  const left = await stat(part).catch(() => null);
  if (left && Date.now() - left.mtimeMs > abandonedAfterMs) await rm(part, { force: true });
  return open(part, "wx").catch((error: unknown) => {
    if (errorCode(error) !== "EEXIST") throw error;
    throw new GatewayError("conflict", `'${name}' is being uploaded already.`, { param: "name" });
  });
}

async function write(
  { body, sizeBytes, signal }: Arrival,
  handle: FileHandle,
  underWay: UploadUnderWay,
  freeBytes: () => Promise<number>,
): Promise<void> {
  const reader = body.getReader();
  const leave = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", leave, { once: true });
  let written = 0;
  let lookAt = lookEveryBytes;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw left(error);
      });
      if (signal.aborted) throw left(signal.reason);
      if (done) break;
      written += value.length;
      if (written > sizeBytes) throw wrongSize(sizeBytes, `more than ${sizeBytes}`);
      await handle.writeFile(value);
      underWay.arrived(written);
      if (written < lookAt) continue;
      lookAt = written + lookEveryBytes;
      refuseWithoutRoom(await freeBytes(), sizeBytes - written);
    }
  } catch (error) {
    leave();
    throw errorCode(error) === "ENOSPC" ? new GatewayError("conflict", "The disk is full.") : error;
  } finally {
    signal.removeEventListener("abort", leave);
  }
  if (written !== sizeBytes) throw wrongSize(sizeBytes, String(written));
}

function left(cause: unknown): GatewayError {
  return new GatewayError("client_closed", "The upload was broken off.", { cause });
}

function wrongSize(promised: number, came: string): GatewayError {
  return new GatewayError("invalid_request", `Content-Length promised ${promised} bytes, and ${came} came.`);
}

async function check(part: string, name: string): Promise<void> {
  await readModelFacts(part, [], name).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    throw new GatewayError("unprocessable", `'${name}' is damaged or no model: ${message}.`);
  });
}

/** A link cannot replace what is there, as a rename would; file systems without links get a rename. */
async function giveName(part: string, file: string, name: string): Promise<void> {
  try {
    await link(part, file);
  } catch (error) {
    if (errorCode(error) === "EEXIST" || (await exists(file))) throw taken(name);
    return rename(part, file);
  }
  await rm(part);
}

/** Also a link that leads nowhere. */
function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

function taken(name: string): GatewayError {
  return new GatewayError("conflict", `There is a file '${name}' already. Delete it first.`, {
    param: "name",
  });
}
