/** Header facts by path, size and time of change, kept on disk so that a start reads no header twice. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { type GgufFacts, poolings, readGgufFacts } from "./gguf-facts.ts";
import type { ModelFile } from "./list-files.ts";

const factsSchema: z.ZodType<GgufFacts> = z.object({
  kind: z.enum(["model", "projector", "other"]),
  architecture: z.string().nullable(),
  quantization: z.string().nullable(),
  contextLength: z.number().nullable(),
  parameters: z.number(),
  headSize: z.number().nullable(),
  pooling: z.enum(poolings).nullable(),
  rankHead: z.boolean(),
  vision: z.boolean(),
  audio: z.boolean(),
});

const entrySchema = z.object({
  sizeBytes: z.number(),
  modifiedMs: z.number(),
  facts: z.union([factsSchema, z.object({ error: z.string() })]),
});

/** The facts, or what is wrong with the file. */
export type FactsOrError = GgufFacts | { error: string };

export class FactsCache {
  #entries = new Map<string, z.infer<typeof entrySchema>>();
  #changed = false;
  readonly #reading = new Map<string, Promise<FactsOrError>>();
  readonly #loaded: Promise<void>;

  /** @param cacheFile where the facts are kept; absolute */
  constructor(readonly cacheFile: string) {
    this.#loaded = this.#load();
  }

  /** Reads a header once, however many ask for it. A damaged file is a fact as well. */
  async factsOf(file: ModelFile): Promise<FactsOrError> {
    await this.#loaded;
    const known = this.#entries.get(file.file);
    if (known && known.sizeBytes === file.sizeBytes && known.modifiedMs === file.modifiedMs)
      return known.facts;
    const reading = this.#reading.get(file.file) ?? this.#read(file);
    this.#reading.set(file.file, reading);
    return reading;
  }

  /** Writes what is new to disk and forgets files that are gone. */
  async save(present: readonly ModelFile[]): Promise<void> {
    const paths = new Set(present.map(({ file }) => file));
    for (const file of this.#entries.keys())
      if (!paths.has(file)) this.#changed = this.#entries.delete(file) || this.#changed;
    if (!this.#changed) return;
    this.#changed = false;
    const unfinished = `${this.cacheFile}.${process.pid}.new`;
    try {
      await mkdir(path.dirname(this.cacheFile), { recursive: true });
      await writeFile(unfinished, JSON.stringify(Object.fromEntries(this.#entries)));
      await rename(unfinished, this.cacheFile);
    } catch {
      // A full disk costs the next start its time, and nothing else.
      this.#changed = true;
    }
  }

  async #read({ file, sizeBytes, modifiedMs }: ModelFile): Promise<FactsOrError> {
    const facts = await readGgufFacts(file).catch((error: unknown) => ({
      error: `The file is damaged or no GGUF: ${error instanceof Error ? error.message : String(error)}`,
    }));
    this.#entries.set(file, { sizeBytes, modifiedMs, facts });
    this.#changed = true;
    this.#reading.delete(file);
    return facts;
  }

  /** A cache that cannot be read is an empty cache. */
  async #load(): Promise<void> {
    const text = await readFile(this.cacheFile, "utf8").catch(() => "{}");
    const parsed = z.record(z.string(), entrySchema).safeParse(parseJson(text));
    if (parsed.success) this.#entries = new Map(Object.entries(parsed.data));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
