/** The models on this machine: every GGUF in the models folder and the extra folders, with its header facts. */
import path from "node:path";
import type { LocalModel } from "../slots/types.ts";
import { detectType } from "./detect-type.ts";
import { FactsCache, type FactsOrError } from "./facts-cache.ts";
import type { GgufFacts } from "./gguf-facts.ts";
import { listModelFiles, type ModelFile } from "./list-files.ts";
import { modelIds, modelName, splitPart, splitSibling } from "./model-id.ts";
import type { ModelFolders } from "./model-path.ts";
import { isProjectorName, projectorFor } from "./projector.ts";

/** All files found, sorted into models (by their first or only file) and projectors. */
interface Shelf {
  files: ReadonlyMap<string, ModelFile>;
  models: readonly ModelFile[];
  projectors: readonly ModelFile[];
  ids: ReadonlyMap<string, string>;
}

/** A model as this program sees it; `file` is absolute. */
export type CatalogueModel = LocalModel & { file: string } & Pick<GgufFacts, "pooling" | "rankHead">;

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
    const models: CatalogueModel[] = [];
    // One after the other: a header of a large vocabulary takes memory while it is read.
    for (const file of shelf.models) {
      const model = await this.#describe(file, shelf);
      if (model) models.push(model);
    }
    await this.#facts.save([...shelf.files.values()]);
    return models.sort((a, b) => a.id.localeCompare(b.id));
  }

  /**
   * One model, without reading the headers of the others.
   * @param file absolute path of a model file; any part of a split model
   * @returns null where this is no model file
   */
  async find(file: string): Promise<CatalogueModel | null> {
    const shelf = await this.#look();
    const first = splitPart(file) ? splitSibling(file, 1) : file;
    const found = shelf.models.find((model) => model.file === first);
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

  async #describe(first: ModelFile, shelf: Shelf): Promise<CatalogueModel | null> {
    const parts = partsOf(first, shelf);
    const facts = await this.#facts.factsOf(first);
    const id = shelf.ids.get(first.relative) ?? modelName(first.relative);
    // Only the first part of a split model says what it is.
    if (!("error" in facts) && facts.kind !== "model" && parts.error === null) return null;
    const rest = await Promise.all(parts.present.slice(1).map((part) => this.#facts.factsOf(part)));
    const error = [facts, ...rest].map(errorOf).find((found) => found !== null) ?? parts.error;
    const mmproj = projectorBeside(first, shelf);
    const senses = mmproj ? await this.#facts.factsOf(mmproj) : null;
    const model = "error" in facts ? null : facts;
    const shown = model ?? { architecture: null, pooling: null, rankHead: false };
    return {
      id,
      file: first.file,
      pooling: shown.pooling,
      rankHead: shown.rankHead,
      path: this.#shownPath(first.file),
      sizeBytes: parts.present.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      modifiedS: Math.floor(first.modifiedMs / 1000),
      ...detectType(shown, id, senses && !("error" in senses) ? senses : null),
      architecture: model?.architecture ?? null,
      quantization: model?.quantization ?? null,
      contextLength: model?.contextLength ?? null,
      parameters: model ? rest.reduce((sum, part) => sum + parametersOf(part), model.parameters) : null,
      headSize: model?.headSize ?? null,
      mmprojPath: mmproj ? this.#shownPath(mmproj.file) : null,
      error,
    };
  }

  #shownPath(file: string): string {
    const relative = path.relative(this.folders().modelsDir, file);
    return relative.startsWith("..") || path.isAbsolute(relative) ? file : relative;
  }
}

function arrange(found: ModelFile[]): Shelf {
  const files = new Map(found.map((file) => [file.file, file]));
  const projectors = found.filter(({ file }) => isProjectorName(path.basename(file)));
  const models = found.filter((file) => !projectors.includes(file) && isFirst(file, files));
  return { files, models, projectors, ids: modelIds(models.map(({ relative }) => relative)) };
}

/** Later parts stand behind the first; where the first is missing, the lowest one there stands in for it. */
function isFirst({ file }: ModelFile, files: ReadonlyMap<string, ModelFile>): boolean {
  const split = splitPart(file);
  for (let part = 1; split && part < split.part; part++)
    if (files.has(splitSibling(file, part))) return false;
  return true;
}

function partsOf(first: ModelFile, { files }: Shelf): { present: ModelFile[]; error: string | null } {
  const split = splitPart(first.file);
  if (!split) return { present: [first], error: null };
  const wanted = Array.from({ length: split.parts }, (_, index) => splitSibling(first.file, index + 1));
  const present = wanted.flatMap((file) => files.get(file) ?? []);
  const missing = wanted.findIndex((file) => !files.has(file)) + 1;
  return { present, error: missing > 0 ? `Part ${missing} of ${split.parts} is missing.` : null };
}

function projectorBeside(model: ModelFile, shelf: Shelf): ModelFile | null {
  const folder = path.dirname(model.file);
  const beside = ({ file }: ModelFile) => path.dirname(file) === folder;
  const projectors = shelf.projectors.filter(beside).map(({ file }) => file);
  const chosen = projectorFor(model.file, projectors, shelf.models.filter(beside).length === 1);
  return chosen === null ? null : (shelf.files.get(chosen) ?? null);
}

function errorOf(facts: FactsOrError): string | null {
  return "error" in facts ? facts.error : null;
}

function parametersOf(facts: GgufFacts | { error: string }): number {
  return "error" in facts ? 0 : facts.parameters;
}
