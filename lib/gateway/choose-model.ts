/** Stage: which model answers. A pure decision; nothing is loaded by it. */
import { GatewayError } from "../errors.ts";
import { capabilitiesOf } from "../models/detect-type.ts";
import { type Capability, modelTypes, type RoutableModel } from "../slots/types.ts";

export interface RoutingRules {
  /** Name to model id, or to `auto`. */
  aliases: Readonly<Record<string, string>>;
  /** Unknown names go to a model that can do the request (never for embeddings). */
  fallback: boolean;
}

const automatic = new Set(["auto", "default"]);
const maxCandidates = 10;

/**
 * Finds the model for a request: by id, by alias, then by a part of the name that fits only one model. Without a name
 * the first loaded model that can do the request answers.
 * @param name as the client sent it; null or undefined where it named none
 * @param needs what the model must be able to do
 * @param models loaded ones first
 * @throws GatewayError 404 `model_not_found`, 400 where the named model cannot do the request
 */
export function chooseModel(
  name: string | null | undefined,
  needs: readonly Capability[],
  models: readonly RoutableModel[],
  rules: RoutingRules,
): RoutableModel {
  if (!name || automatic.has(name.toLowerCase())) return byCapability(needs, models);
  const named = normaliseModelName(name);
  if (named === "") throw notFound(`The model '${name}' does not exist here.`, models);
  const exact = models.find((model) => normaliseModelName(model.id) === named);
  if (exact) return capable(exact, needs);
  const alias = Object.hasOwn(rules.aliases, name) ? rules.aliases[name] : undefined;
  if (alias !== undefined && automatic.has(alias)) return byCapability(needs, models);
  if (alias !== undefined) {
    const target = models.find((model) => normaliseModelName(model.id) === normaliseModelName(alias));
    if (target) return capable(target, needs);
    throw notFound(`The model '${name}' stands for '${alias}', which is not here.`, models);
  }
  const partial = byPart(name, named, needs, models);
  if (partial) return partial;
  if (rules.fallback && !needs.includes("embedding")) return byCapability(needs, models);
  throw notFound(`The model '${name}' does not exist here.`, models);
}

/** Ids are compared without `.gguf` and without regard to case. */
export function normaliseModelName(name: string): string {
  return name.toLowerCase().replace(/\.gguf$/, "");
}

/** A model that runs, rather than one that must be loaded first. */
export function isLoaded(model: RoutableModel): boolean {
  return model.status === "ready" || model.status === "starting";
}

function canDo(model: RoutableModel, needs: readonly Capability[]): boolean {
  return needs.every((need) => model.capabilities.includes(need));
}

function capable(model: RoutableModel, needs: readonly Capability[]): RoutableModel {
  if (canDo(model, needs)) return model;
  throw new GatewayError(
    "invalid_request",
    `The model '${model.id}' is of type ${model.type} and cannot do this: it needs a model of type ${typesFor(needs)}.`,
    { param: "model" },
  );
}

function byCapability(needs: readonly Capability[], models: readonly RoutableModel[]): RoutableModel {
  const able = models.filter((model) => canDo(model, needs));
  const found = able.find((model) => model.status === "ready") ?? able.find(isLoaded) ?? able[0];
  if (found) return found;
  throw new GatewayError(
    "model_not_found",
    `No model here can do this. Ask the operator to load a model of type ${typesFor(needs)}.`,
    { param: "model" },
  );
}

/** The one model with this part in its name: among the loaded ones that can do the request, else among the others. */
function byPart(
  name: string,
  part: string,
  needs: readonly Capability[],
  models: readonly RoutableModel[],
): RoutableModel | null {
  const matching = models.filter((model) => normaliseModelName(model.id).includes(part));
  const able = matching.filter((model) => canDo(model, needs));
  const loaded = able.filter(isLoaded);
  const candidates = loaded.length > 0 ? loaded : able;
  const [only, second] = candidates;
  if (only && !second) return only;
  if (only) {
    const names = candidates.slice(0, maxCandidates).map((model) => model.id);
    throw new GatewayError(
      "model_not_found",
      `'${name}' fits several models: ${names.join(", ")}. Name one.`,
      {
        param: "model",
      },
    );
  }
  const [unable] = matching;
  return unable && matching.length === 1 ? capable(unable, needs) : null;
}

function notFound(what: string, models: readonly RoutableModel[]): GatewayError {
  const names = models.slice(0, maxCandidates).map((model) => model.id);
  const hint =
    names.length > 0
      ? `Here are: ${names.join(", ")}${models.length > maxCandidates ? ", …" : ""}.`
      : "No model is loaded. Ask the operator to load one.";
  return new GatewayError("model_not_found", `${what} ${hint}`, { param: "model" });
}

/** The types of models that can do all of it, as `text, vision or omni`. */
function typesFor(needs: readonly Capability[]): string {
  if (needs.includes("rerank")) return "embedding with a rank head";
  const able = modelTypes.filter((type) => {
    const capabilities = capabilitiesOf({ type, rerank: false });
    return needs.every((need) => capabilities.includes(need));
  });
  return able.join(", ").replace(/, ([^,]*)$/, " or $1");
}
