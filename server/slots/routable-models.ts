/** What a request could name now: what the slots run, and what lies on the disk. */
import { capabilitiesOf } from "../../lib/models/detect-type.ts";
import type { LocalModel, RoutableModel } from "../../lib/slots/types.ts";

/** Best first. */
const ranks: Record<RoutableModel["status"], number> = {
  ready: 0,
  starting: 1,
  draining: 2,
  crashed: 3,
  failed: 4,
  loadable: 5,
};

/**
 * One entry for each id: where several slots run a model, that of the best one.
 * @param inSlots what the slots run, by port
 * @param defaultCtxSize tokens a request may hold where the model allows it
 */
export function routableModels(
  inSlots: readonly RoutableModel[],
  local: readonly LocalModel[],
  defaultCtxSize: number,
): readonly RoutableModel[] {
  const loadable = local
    .filter(({ error, engine }) => error === null && engine === "llama-server")
    .map((model) => toLoadable(model, defaultCtxSize));
  const byId = new Map<string, RoutableModel>();
  // Sorting keeps the order of equals: the ports' order, then that of the names.
  for (const model of [...inSlots, ...loadable].sort((a, b) => ranks[a.status] - ranks[b.status]))
    if (!byId.has(model.id)) byId.set(model.id, model);
  return [...byId.values()];
}

function toLoadable(model: LocalModel, defaultCtxSize: number): RoutableModel {
  return {
    id: model.id,
    type: model.type,
    capabilities: capabilitiesOf(model),
    contextLength: Math.min(defaultCtxSize, model.contextLength ?? defaultCtxSize),
    status: "loadable",
    createdS: model.modifiedS,
  };
}
