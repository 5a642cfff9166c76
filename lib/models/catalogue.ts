/** The models on this machine: every model file in the models folder and the extra folders, with its header facts. */
import path from "node:path";
import type { LocalModel } from "../slots/types.ts";
import { detectType, type TypeEvidence } from "./detect-type.ts";
import { FactsCache, type FactsOrError } from "./facts-cache.ts";
import { whyNoEngine } from "./foreign-architectures.ts";
import type { GgufFacts } from "./gguf-facts.ts";
import { listModelFiles, type ModelFile } from "./list-files.ts";
import { modelName } from "./model-id.ts";
import type { ModelFolders } from "./model-path.ts";
import { areOneModel, projectorFor } from "./projector.ts";
import { arrange, modelAt, partsOf, type Shelf } from "./shelf.ts";

/** A model as this program sees it; `file` is absolute. */
export type CatalogueModel = LocalModel & { file: string } & TypeEvidence;

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

  /**
   * @param folders asked at every look, since the extra folders are configuration
   * @param cacheFile where header facts are kept between starts; absolute
   */
  constructor(
    readonly folders: () => ModelFolders,
    cacheFile: string,
  ) {
    this.#facts = new FactsCache(cacheFile);
  }

  /** Every model, by id. Files that are no models (projectors, adapters) are left out, damaged ones say so. */
  async list(): Promise<CatalogueModel[]> {
    const shelf = await this.#look();
    // One after the other: they come from one disk.
    for (const file of shelf.models) await this.#factsOf(file, shelf);
    const described = await Promise.all(shelf.models.map((file) => this.#describe(file, shelf)));
    await this.#facts.save([...shelf.files.values()]);
    return described.filter((model) => model !== null).sort((a, b) => a.id.localeCompare(b.id));
  }

  /**
   * One model, without reading the headers of the others.
   * @param file absolute path of a model file; any part of a split model
   * @returns null where this is no model file
   */
  async find(file: string): Promise<CatalogueModel | null> {
    const shelf = await this.#look();
    const found = modelAt(file, shelf);
    return found ? this.#describe(found, shelf) : null;
  }

  /** What a projector file adds, or what is wrong with it. */
  async projector(file: string): Promise<FactsOrError> {
    const found = (await this.#look()).files.get(file);
    return found ? this.#facts.factsOf(found) : { error: `There is no projector file ${file}.` };
  }

  #look(): Promise<Shelf> {
    this.#listing ??= listModelFiles(this.folders())
      .then(arrange)
      .finally(() => {
        this.#listing = null;
      });
    return this.#listing;
  }

  #factsOf(first: ModelFile, shelf: Shelf): Promise<FactsOrError> {
    return this.#facts.factsOf(first, partsOf(first, shelf).present.slice(1));
  }

  async #describe(first: ModelFile, shelf: Shelf): Promise<CatalogueModel | null> {
    const { present, error: missing } = partsOf(first, shelf);
    const read = await this.#factsOf(first, shelf);
    const facts = "error" in read ? null : read;
    // Only the first part of a split model says what it is.
    if (facts && facts.kind !== "model" && missing === null) return null;
    const mmproj = await this.#projectorBeside(first, shelf);
    const id = shelf.ids.get(first.relative) ?? modelName(first.relative);
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
      error: ("error" in read ? read.error : missing) ?? whyNoEngine(evidence.architecture),
    };
  }

  /** The projector that belongs to a model, with what it adds; of a damaged one nothing. */
  async #projectorBeside(model: ModelFile, shelf: Shelf) {
    const folder = shelf.folders.get(path.dirname(model.file));
    if (!folder) return null;
    const hidden = await this.#hiddenProjectors(folder.models);
    const candidates = [...folder.projectors, ...hidden];
    if (candidates.length === 0) return null;
    const models = folder.models.filter((one) => !hidden.includes(one)).map(({ file }) => file);
    const chosen = projectorFor(
      model.file,
      candidates.map(({ file }) => file),
      areOneModel(models),
    );
    const file = chosen === null ? undefined : shelf.files.get(chosen);
    if (!file) return null;
    const facts = await this.#facts.factsOf(file);
    const senses = "error" in facts ? { vision: false, audio: false } : facts;
    return { ...file, vision: senses.vision, audio: senses.audio };
  }

  /** Projectors that are not called so, as far as their headers have been read. */
  async #hiddenProjectors(files: readonly ModelFile[]): Promise<ModelFile[]> {
    const known = await Promise.all(files.map((file) => this.#facts.known(file)));
    return files.filter((_, index) => {
      const facts = known[index];
      return facts && !("error" in facts) && facts.kind === "projector";
    });
  }

  #shownPath(file: string): string {
    const relative = path.relative(this.folders().modelsDir, file);
    return relative.startsWith("..") || path.isAbsolute(relative) ? file : relative;
  }
}

const whisperType = {
  type: "audio",
  rerank: false,
  reason: "It is a Whisper model, which writes down speech.",
} as const;
