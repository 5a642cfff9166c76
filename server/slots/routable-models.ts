/** What a request could name now: what the slots run, and what lies on the disk. */
import type { Config } from "../../lib/config/schema.ts";
import { capabilitiesOf } from "../../lib/models/detect-type.ts";
import type { LocalModel, RoutableModel } from "../../lib/slots/types.ts";
import { resolveOptions } from "./engines/load-options.ts";

/** Best first. */
const ranks: Record<RoutableModel["status"], number> = {
  ready: 0,
  starting: 1,
  draining: 2,
  crashed: 3,
  failed: 4,
  loadable: 5,
};

type Facts = Omit<RoutableModel, "status">;

/**
 * One entry for each id: where several slots run a model, that of the best one.
 * @param inSlots what the slots run, by port
 * @param factsOf what a model on the disk would be if it were loaded
 */
export function routableModels<Local extends LocalModel>(
  inSlots: readonly RoutableModel[],
  local: readonly Local[],
  factsOf: (model: Local) => Facts,
): readonly RoutableModel[] {
  const loadable = local
    .filter(({ error, engine }) => error === null && engine === "llama-server")
    .map((model): RoutableModel => ({ ...factsOf(model), status: "loadable" }));
  const byId = new Map<string, RoutableModel>();
  // Sorting keeps the order of equals: the ports' order, then that of the names.
  for (const model of [...inSlots, ...loadable].sort((a, b) => ranks[a.status] - ranks[b.status]))
    if (!byId.has(model.id)) byId.set(model.id, model);
  return [...byId.values()];
}

/** What a file's header and the model's own settings promise: no longer a context than a load would give. */
export function factsOfFile(model: LocalModel, config: Pick<Config, "models" | "default_ctx_size">): Facts {
  const options = resolveOptions(model.id, {}, config, []);
  const ctxSize = options.ctx_size ?? config.default_ctx_size;
  const type = options.model_type ?? model.type;
  return {
    id: model.id,
    type,
    capabilities: capabilitiesOf({ type, rerank: model.rerank }),
    contextLength: Math.min(ctxSize, model.contextLength ?? ctxSize),
    createdS: model.modifiedS,
  };
}
