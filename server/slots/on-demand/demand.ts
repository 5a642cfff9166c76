/** How a model is loaded that a request names: as the operator wishes it, where he does. */
import path from "node:path";
import type { Config } from "../../../lib/config/schema.ts";
import type { CatalogueModel } from "../../../lib/models/catalogue.ts";
import type { LoadRequest } from "../../../lib/slots/types.ts";

export interface Demand {
  request: LoadRequest;
  /** The slot that the operator wants it in; null where there is none. */
  ownPort: number | null;
  sizeBytes: number;
}

/** @param modelsDir where relative paths count from; absolute */
export function demandFor(
  { file, path: shownPath, sizeBytes }: Pick<CatalogueModel, "file" | "path" | "sizeBytes">,
  config: Pick<Config, "slots">,
  modelsDir: string,
): Demand {
  const isMeant = (wish: LoadRequest | null | undefined) =>
    wish?.model_path !== undefined && path.resolve(modelsDir, wish.model_path) === file;
  const [port, wish] = Object.entries(config.slots).find(([, one]) => isMeant(one)) ?? [];
  return {
    request: wish ?? { model_path: shownPath },
    ownPort: port === undefined ? null : Number(port),
    sizeBytes,
  };
}

/**
 * The operator's own models before all others: where a request leaves the choice, one of his is loaded again, rather than
 * whatever lies on the disk.
 */
export function wishedFirst<Model extends Pick<CatalogueModel, "file">>(
  models: readonly Model[],
  config: Pick<Config, "slots">,
  modelsDir: string,
): Model[] {
  const named = Object.values(config.slots).flatMap((wish) => wish?.model_path ?? []);
  const wished = new Set(named.map((file) => path.resolve(modelsDir, file)));
  return models.toSorted((a, b) => Number(wished.has(b.file)) - Number(wished.has(a.file)));
}
