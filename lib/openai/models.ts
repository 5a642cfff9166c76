/** The models as `/v1/models` lists them: loaded, loadable, and the aliases that stand for them. */
import { GatewayError } from "../errors.ts";
import { normaliseModelName } from "../gateway/choose-model.ts";
import type { RoutableModel } from "../slots/types.ts";

/** OpenAI's model object, and what a client of local models wants to know besides. */
export interface WireModel {
  id: string;
  object: "model";
  /** Seconds since the epoch. */
  created: number;
  owned_by: "local";
  type?: string;
  capabilities?: readonly string[];
  /** Tokens. */
  context_length?: number | null;
  status?: string;
  alias_of?: string;
}

/** Every name that a request may use, models first. */
export function listModels(
  models: readonly RoutableModel[],
  aliases: Readonly<Record<string, string>>,
): WireModel[] {
  return [
    ...models.map(wireModel),
    ...Object.entries(aliases).map(([name, id]) => wireAlias(name, id, models)),
  ];
}

/**
 * One model or alias by its name, compared as routing does.
 * @throws GatewayError 404
 */
export function findModel(
  id: string,
  models: readonly RoutableModel[],
  aliases: Readonly<Record<string, string>>,
): WireModel {
  const named = normaliseModelName(id);
  const model = models.find((candidate) => normaliseModelName(candidate.id) === named);
  if (model) return wireModel(model);
  const target = Object.hasOwn(aliases, id) ? aliases[id] : undefined;
  if (target !== undefined) return wireAlias(id, target, models);
  throw new GatewayError("model_not_found", `The model '${id}' does not exist here. See GET /v1/models.`, {
    param: "model",
  });
}

function wireModel(model: RoutableModel): WireModel {
  return {
    id: model.id,
    object: "model",
    created: model.createdS,
    owned_by: "local",
    type: model.type,
    capabilities: model.capabilities,
    context_length: model.contextLength,
    status: model.status,
  };
}

function wireAlias(name: string, target: string, models: readonly RoutableModel[]): WireModel {
  const model = models.find((candidate) => candidate.id === target);
  const facts = model
    ? wireModel(model)
    : { object: "model" as const, created: 0, owned_by: "local" as const };
  return { ...facts, id: name, alias_of: target };
}
