/** The models on this machine: every model file in the models folder and the extra folders, with its header facts. */
import { realpath } from "node:fs/promises";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import type { LocalModel } from "../slots/types.ts";
import { detectType, type TypeEvidence } from "./detect-type.ts";
import { FactsCache, type FactsOrError } from "./facts-cache.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { whyNoEngine } from "./foreign-architectures.ts";
import type { GgufFacts } from "./gguf-facts.ts";
import { listModelFiles, type ModelFile } from "./list-files.ts";
import { modelName } from "./model-id.ts";
import type { ModelFolders } from "./model-path.ts";
import { areOneModel, projectorFor } from "./projector.ts";
import { arrange, modelAt, partsOf, type Shelf } from "./shelf.ts";

/** A model as this program sees it; `file` is absolute. */
export type CatalogueModel = LocalModel & { file: string } & TypeEvidence;

/** What models of one folder have to choose from. */
interface Pairing {
  projectors: string[];
  isOneModel: boolean;
}

/** By folder: worked out once a look, as a folder may hold thousands. */
type Pairings = Map<string, Pairing>;

/** What is shown of a file whose header cannot be read. */
const unread: Pick<GgufFacts, "pooling" | "rankHead" | "tags" | "speechCodes" | "shape"> = {
  pooling: null,
  rankHead: false,
  tags: [],
  speechCodes: 0,
  shape: null,
};

export class Catalogue {
  readonly #facts: FactsCache;
  #listing: Promise<Shelf> | null = null;
  /** What the last look found, for as long as no file changes: most looks find nothing new. */
  #last: { state: string; models: readonly CatalogueModel[] } | null = null;

  /**
   * @param folders asked at every look, since the extra folders are configuration
   * @param cacheFile where header facts and ids are kept between starts; absolute
   */
  constructor(
    readonly folders: () => ModelFolders,
    cacheFile: string,
  ) {
    this.#facts = new FactsCache(cacheFile);
  }

  /** Every model, by id. Files that are no models (projectors, adapters) are left out, damaged ones say so. */
  async list(): Promise<readonly CatalogueModel[]> {
    const shelf = await this.#look();
    const state = JSON.stringify([this.folders(), [...shelf.files.values()], [...shelf.ids.values()]]);
    if (this.#last?.state === state) return this.#last.models;
    // One after the other: they come from one disk.
    for (const file of shelf.models) await this.#factsOf(file, shelf);
    const models = await this.#describeAll(shelf);
    await this.#facts.save([...shelf.files.values()]);
    // What could not be read this time is tried again the next time.
    const isComplete = shelf.models.every((file) => this.#facts.known(file) !== null);
    this.#last = isComplete ? { state, models } : null;
    return models;
  }

  /**
   * One model, without reading the headers of the others.
   * @param file absolute path of a model file; any part of a split model
   * @returns null where this is no model file
   */
  async find(file: string): Promise<CatalogueModel | null> {
    const shelf = await this.#look();
    const found = modelAt(file, shelf) ?? modelAt(await shownTwin(file, shelf), shelf);
    return found ? this.#describe(found, shelf, new Map()) : null;
  }

  /** What a projector file adds, or what is wrong with it. */
  async projector(file: string): Promise<FactsOrError> {
    const found = (await this.#look()).files.get(file);
    return found ? this.#facts.factsOf(found) : { error: `There is no projector file ${file}.` };
  }

  #look(): Promise<Shelf> {
    this.#listing ??= listModelFiles(this.folders())
      .then(async (found) => arrange(found, await this.#facts.keptIds()))
      .finally(() => {
        this.#listing = null;
      });
    return this.#listing;
  }

  #factsOf(first: ModelFile, shelf: Shelf): Promise<FactsOrError> {
    return this.#facts.factsOf(first, partsOf(first, shelf).present.slice(1));
  }

  async #describeAll(shelf: Shelf): Promise<CatalogueModel[]> {
    const pairings: Pairings = new Map();
    const models: CatalogueModel[] = [];
    for (const [index, file] of shelf.models.entries()) {
      const model = await this.#describe(file, shelf, pairings);
      if (model) models.push(model);
      // Nothing in here waits for the disk, and requests would have to wait for it.
      if (index % 100 === 99) await setImmediate();
    }
    return models.sort((a, b) => a.id.localeCompare(b.id));
  }

  async #describe(first: ModelFile, shelf: Shelf, pairings: Pairings): Promise<CatalogueModel | null> {
    const { present, error: missing } = partsOf(first, shelf);
    const read = await this.#factsOf(first, shelf);
    const facts = "error" in read ? null : read;
    // Only the first part of a split model says what it is.
    if (facts && facts.kind !== "model" && missing === null) return null;
    const mmproj = await this.#projectorBeside(first, shelf, pairings);
    const id = shelf.ids.get(first.file) ?? modelName(first.relative);
    const evidence = { architecture: null, ...unread, ...facts };
    const { type, rerank, reason } =
      facts?.engine === "whisper" ? whisperType : detectType(evidence, id, mmproj);
    return {
      id,
      file: first.file,
      path: this.#shownPath(first.file),
      files: present.map(({ file }) => this.#shownPath(file)),
      sizeBytes: present.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      modifiedS: Math.floor(first.modifiedMs / 1000),
      fingerprint: fingerprintOf(present),
      type,
      typeReason: facts ? reason : `Its header cannot be read. ${reason}`,
      rerank,
      pooling: evidence.pooling,
      rankHead: evidence.rankHead,
      tags: evidence.tags,
      speechCodes: evidence.speechCodes,
      shape: evidence.shape,
      engine: facts?.engine ?? "llama-server",
      title: facts?.name ?? null,
      license: facts?.license ?? null,
      architecture: evidence.architecture,
      quantization: facts?.quantization ?? null,
      contextLength: facts?.contextLength ?? null,
      parameters: facts?.parameters ?? null,
      layers: evidence.shape?.layers || null,
      embeddingLength: evidence.shape?.embeddingLength || null,
      headSize: facts?.headSize ?? null,
      chatTemplate: facts?.chatTemplate ?? null,
      mmprojPath: mmproj ? this.#shownPath(mmproj.file) : null,
      mmprojSizeBytes: mmproj?.sizeBytes ?? null,
      vision: mmproj?.vision ?? false,
      audio: mmproj?.audio ?? false,
      error:
        ("error" in read ? read.error : missing) ??
        (facts?.engine === "llama-server" ? whyNoEngine(facts.architecture) : null),
    };
  }

  /** The projector that belongs to a model, with what it adds; of a damaged one nothing. */
  async #projectorBeside(model: ModelFile, shelf: Shelf, pairings: Pairings) {
    const folder = path.dirname(model.file);
    const pairing = pairings.get(folder) ?? this.#pairingIn(folder, shelf);
    pairings.set(folder, pairing);
    const chosen = projectorFor(model.file, pairing.projectors, pairing.isOneModel);
    const file = chosen === null ? undefined : shelf.files.get(chosen);
    if (!file) return null;
    const facts = await this.#facts.factsOf(file);
    const senses = "error" in facts ? { vision: false, audio: false } : facts;
    return { ...file, vision: senses.vision, audio: senses.audio };
  }

  /** Projectors that are not called so are known as far as their headers have been read. */
  #pairingIn(folder: string, shelf: Shelf): Pairing {
    const { models = [], projectors = [] } = shelf.folders.get(folder) ?? {};
    const hidden = models.filter((file) => {
      const facts = this.#facts.known(file);
      return facts && !("error" in facts) && facts.kind === "projector";
    });
    const others = hidden.length === 0 ? models : models.filter((file) => !hidden.includes(file));
    return {
      projectors: [...projectors, ...hidden].map(({ file }) => file),
      isOneModel: areOneModel(others.map(({ file }) => file)),
    };
  }

  #shownPath(file: string): string {
    const relative = path.relative(this.folders().modelsDir, file);
    return relative.startsWith("..") || path.isAbsolute(relative) ? file : relative;
  }
}

/** A file that several revisions link to is listed by one of them; a slot may still name another. */
async function shownTwin(file: string, shelf: Shelf): Promise<string> {
  const target = await realpath(file).catch(() => null);
  const isTwin = (other: ModelFile) =>
    other.target === target && path.basename(other.file) === path.basename(file);
  return [...shelf.files.values()].find(isTwin)?.file ?? file;
}

const whisperType = {
  type: "audio",
  rerank: false,
  reason: "It is a Whisper model, which writes down speech.",
} as const;
