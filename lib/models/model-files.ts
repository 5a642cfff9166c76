/** Which files hold models, what they are read as, and what is the matter with those that cannot be read. */
import { open } from "node:fs/promises";
import path from "node:path";
import { type GgufFacts, readGgufFacts } from "./gguf-facts.ts";
import { readWhisperFacts } from "./whisper-facts.ts";

/** True for a file that is a Whisper model by its name, as whisper.cpp's are called. */
export function isWhisperName(file: string): boolean {
  return /^ggml-.*\.bin$/i.test(path.basename(file));
}

/** True for a file that may hold a model, or a part of one. */
export function isModelFileName(file: string): boolean {
  return /\.gguf$/i.test(file) || isWhisperName(file);
}

/**
 * The facts of a model file of any kind.
 * @param file absolute path; of a split model the first part
 * @param laterParts absolute paths
 * @throws Error whose message goes on after a colon: "it is cut short"
 */
export async function readModelFacts(file: string, laterParts: readonly string[] = []): Promise<GgufFacts> {
  try {
    return await (isWhisperName(file) ? readWhisperFacts(file) : readGgufFacts(file, laterParts));
  } catch (error) {
    const known = await whatElse(file).catch(() => null);
    throw known === null ? error : new Error(known);
  }
}

/** Files that people really have under a model's name, by how they begin. */
const others: readonly [RegExp, string][] = [
  [/^version https:\/\/git-lfs/, "it is a pointer of Git LFS, not the model: fetch it with `git lfs pull`"],
  [/^\s*<(!doctype|html|\?xml)/i, "it is a web page, not a model: download it again"],
  [/^\s*\{/, "it is a JSON text, as of an error message, not a model: download it again"],
  [/^(lmgg|fmgg|tjgg|algg)/, "it is in ggml's old format, which llama.cpp gave up: take a GGUF of the model"],
  [/^PK/, "it is a ZIP archive or a PyTorch file, not a GGUF"],
];

async function whatElse(file: string): Promise<string | null> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    if (bytesRead === 0) return "it is empty";
    if (buffer.every((byte) => byte === 0))
      return "it holds nothing but zeros, as an unfinished download does";
    const start = buffer.toString("latin1", 0, bytesRead);
    if (isWhisperName(file) && start.startsWith("lmgg")) return null;
    return others.find(([pattern]) => pattern.test(start))?.[1] ?? null;
  } finally {
    await handle.close();
  }
}
