/** Takes a backup apart, and believes nothing that it says. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import { type Manifest, manifestName, manifestSchema, type Part } from "./manifest.ts";
import { readTar, type TarFile } from "./tar.ts";

/** A manifest is a few hundred bytes. */
const maxManifestBytes = 65_536;

/**
 * Unpacks a backup into an empty folder, its files readable by the owner alone.
 * @throws Error that says what is wrong with the file; the folder is left to the caller
 */
export async function unpackBackup(archive: string, folder: string): Promise<Manifest> {
  const source = createReadStream(archive);
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  try {
    return await unpack(source.pipe(gunzip), folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${archive} cannot be used as a backup: ${reason}`, { cause: error });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

async function unpack(chunks: AsyncIterable<Buffer>, folder: string): Promise<Manifest> {
  let manifest: Manifest | undefined;
  const missing = new Map<string, Part>();
  for await (const file of readTar(chunks)) {
    if (!manifest) {
      manifest = await readManifest(file);
      for (const part of manifest.parts) missing.set(part.name, part);
      continue;
    }
    const part = missing.get(file.name);
    if (!part) throw new Error(`it holds ${JSON.stringify(file.name)}, which its manifest does not name.`);
    await unpackPart(file, part, path.join(folder, part.name));
    missing.delete(part.name);
  }
  if (!manifest) throw new Error("it is empty.");
  if (missing.size > 0) throw new Error(`${[...missing.keys()].join(" and ")} is missing in it.`);
  return manifest;
}

async function readManifest(file: TarFile): Promise<Manifest> {
  if (file.name !== manifestName || file.sizeBytes > maxManifestBytes)
    throw new Error("it is no backup of LLM Gateway: it does not begin with a manifest.");
  const content = await text(file.content);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new Error("its manifest is damaged.");
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(
    `its manifest is wrong, or of a newer version: ${issue?.path.join(".")}: ${issue?.message}.`,
  );
}

async function unpackPart(file: TarFile, part: Part, target: string): Promise<void> {
  if (file.sizeBytes !== part.size_bytes)
    throw new Error(`${part.name} does not have the size that its manifest says.`);
  const sum = createHash("sha256");
  const handle = await open(target, "wx", 0o600);
  try {
    for await (const piece of file.content) {
      sum.update(piece);
      await handle.writeFile(piece);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (sum.digest("hex") !== part.sha256) throw new Error(`${part.name} in it is damaged.`);
}
