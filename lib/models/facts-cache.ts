/**
 * Header facts by path, size and time of change, kept on disk so that a start reads no header twice. Beside them the ids of
 * the files, which have to outlast a start, and a change of the facts' version.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { errorCode } from "../error-code.mjs";
import { fileEngines, type GgufFacts, poolings } from "./gguf-facts.ts";
import { KeptIds } from "./kept-ids.ts";
import type { ModelFile } from "./list-files.ts";
import { readModelFacts } from "./model-files.ts";
import type { ModelShape } from "./model-shape.ts";

/**
 * Counted up with every change of what is read from headers or of how it is kept: facts of another version are read anew.
 */
const version = 3;

const shapeSchema: z.ZodType<ModelShape> = z.object({
  architecture: z.string().nullable(),
  layers: z.number(),
  embeddingLength: z.number(),
  heads: z.number(),
  kvHeadsPerLayer: z.array(z.number()),
  keyLength: z.number(),
  valueLength: z.number(),
  vocabularySize: z.number(),
  feedForwardLength: z.number(),
  weightsBytes: z.number(),
  perLayerBytes: z.array(z.number()),
  embeddingBytes: z.number(),
  outputBytes: z.number(),
  expertCount: z.number().nullable(),
  expertUsedCount: z.number().nullable(),
  slidingWindow: z.number().nullable(),
  swaLayers: z.array(z.boolean()).nullable(),
  recurrent: z.object({ layers: z.array(z.boolean()), bytesPerLayer: z.number() }).nullable(),
  isEncoder: z.boolean(),
});

const factsSchema: z.ZodType<GgufFacts> = z.object({
  kind: z.enum(["model", "projector", "other"]),
  engine: z.enum(fileEngines),
  architecture: z.string().nullable(),
  name: z.string().nullable(),
  license: z.string().nullable(),
  tags: z.array(z.string()),
  quantization: z.string().nullable(),
  contextLength: z.number().nullable(),
  parameters: z.number(),
  headSize: z.number().nullable(),
  pooling: z.enum(poolings).nullable(),
  rankHead: z.boolean(),
  speechCodes: z.number(),
  chatTemplate: z.object({ tools: z.boolean(), thinking: z.boolean() }).nullable(),
  vision: z.boolean(),
  audio: z.boolean(),
  shape: shapeSchema.nullable(),
});

const entrySchema = z.object({
  /** Of all parts of a split model. */
  sizeBytes: z.number(),
  /** Of the part that was changed last. */
  modifiedMs: z.number(),
  facts: z.union([factsSchema, z.object({ error: z.string() })]),
});

const storedSchema = z.object({ version: z.literal(version), entries: z.record(z.string(), entrySchema) });
const storedIdsSchema = z.object({ ids: z.record(z.string(), z.string()) });

/** The facts, or what is wrong with the file. */
export type FactsOrError = GgufFacts | { error: string };

export class FactsCache {
  #entries = new Map<string, z.infer<typeof entrySchema>>();
  #ids = new KeptIds();
  #changed = false;
  readonly #reading = new Map<string, Promise<FactsOrError>>();
  readonly #loaded: Promise<void>;

  /** @param cacheFile where the facts are kept; absolute */
  constructor(readonly cacheFile: string) {
    this.#loaded = this.#load();
  }

  /**
   * Reads a header once, however many ask for it. A damaged file is a fact as well.
   * @param laterParts of a split model
   */
  async factsOf(file: ModelFile, laterParts: readonly ModelFile[] = []): Promise<FactsOrError> {
    await this.#loaded;
    const parts = [file, ...laterParts];
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    const modifiedMs = Math.max(...parts.map((part) => part.modifiedMs));
    const known = this.#entries.get(file.file);
    if (known && known.sizeBytes === sizeBytes && known.modifiedMs === modifiedMs) return known.facts;
    const key = `${sizeBytes} ${modifiedMs} ${file.file}`;
    const reading = this.#reading.get(key) ?? this.#read(file, laterParts, { sizeBytes, modifiedMs });
    this.#reading.set(key, reading);
    return reading.finally(() => this.#reading.delete(key));
  }

  /** What was read of a file before, without looking at it again; null where nothing was. */
  known(file: ModelFile): FactsOrError | null {
    return this.#entries.get(file.file)?.facts ?? null;
  }

  async keptIds(): Promise<KeptIds> {
    await this.#loaded;
    return this.#ids;
  }

  /** Writes what is new to disk and forgets files that are gone. */
  async save(present: readonly ModelFile[]): Promise<void> {
    const paths = new Set(present.map(({ file }) => file));
    for (const file of this.#entries.keys())
      if (!paths.has(file)) this.#changed = this.#entries.delete(file) || this.#changed;
    if (!this.#changed && !this.#ids.isChanged) return;
    this.#changed = false;
    const stored = { version, entries: Object.fromEntries(this.#entries), ids: this.#ids.toRecord() };
    const unfinished = `${this.cacheFile}.${process.pid}.new`;
    try {
      await mkdir(path.dirname(this.cacheFile), { recursive: true });
      // Ids that a power cut took would be given anew, perhaps to others.
      await writeFile(unfinished, JSON.stringify(stored), { flush: true });
      await rename(unfinished, this.cacheFile);
    } catch {
      // A full disk costs the next start its time, and nothing else.
      this.#changed = true;
    }
  }

  async #read(
    file: ModelFile,
    laterParts: readonly ModelFile[],
    state: { sizeBytes: number; modifiedMs: number },
  ): Promise<FactsOrError> {
    const later = laterParts.map((part) => part.file);
    const facts = await readModelFacts(file.file, later).catch(whatIsWrong);
    // A disk that fails, or a right that is missing, is no fact about the file.
    if ("passing" in facts) {
      this.#entries.delete(file.file);
      return { error: facts.error };
    }
    this.#entries.set(file.file, { ...state, facts });
    this.#changed = true;
    return facts;
  }

  /** A cache that cannot be read is an empty cache. */
  async #load(): Promise<void> {
    const text = await readFile(this.cacheFile, "utf8").catch(() => "{}");
    const stored = parseJson(text);
    const parsed = storedSchema.safeParse(stored);
    if (parsed.success) this.#entries = new Map(Object.entries(parsed.data.entries));
    const ids = storedIdsSchema.safeParse(stored);
    if (ids.success) this.#ids = new KeptIds(ids.data.ids);
  }
}

function whatIsWrong(error: unknown): { error: string } | { error: string; passing: true } {
  const message = error instanceof Error ? error.message : String(error);
  return errorCode(error) === undefined
    ? { error: `The file is damaged or no model: ${message}.` }
    : { error: `The file cannot be read: ${message}.`, passing: true };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
