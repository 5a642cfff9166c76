/** Which options a load has: those of the request, of its preset, and of the model in the configuration. */
import type { Config } from "../../../lib/config/schema.ts";
import { GatewayError } from "../../../lib/errors.ts";
import type { LoadRequest } from "../../../lib/slots/types.ts";

export type Options = Omit<LoadRequest, "model_path" | "remote" | "preset">;

type Asked = Omit<LoadRequest, "model_path" | "remote">;

/**
 * The request's options win over those of its preset, and these over the model's own. A preset that the request does
 * not name is the model's `preset`.
 * @param warnings gets what had to be left out, in words
 * @throws GatewayError 400 where the request names a preset that is not there
 */
export function resolveOptions(
  modelId: string,
  asked: Asked,
  config: Pick<Config, "models">,
  warnings: string[],
): Options {
  const own = modelSettings(config, modelId);
  const { preset, ...options } = asked;
  return { ...own, ...choosePreset(modelId, preset, own, warnings), ...withoutUndefined(options) };
}

/** What the configuration says of a model; undefined where it says nothing. */
export function modelSettings(
  config: Pick<Config, "models">,
  modelId: string,
): Config["models"][string] | undefined {
  return Object.hasOwn(config.models, modelId) ? config.models[modelId] : undefined;
}

function choosePreset(
  modelId: string,
  asked: string | undefined,
  own: Config["models"][string] | undefined,
  warnings: string[],
): Options {
  const name = asked ?? own?.preset;
  if (name === undefined) return {};
  const presets = own?.presets ?? {};
  const found = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (found) return withoutUndefined(found);
  const names = Object.keys(presets);
  const known = names.length > 0 ? `Here are: ${names.join(", ")}.` : "There is none.";
  const message = `The model '${modelId}' has no preset '${name}'. ${known}`;
  if (asked !== undefined) throw new GatewayError("invalid_request", message, { param: "preset" });
  // The configuration may be half edited: what it wishes is loaded all the same.
  warnings.push(message);
  return {};
}

function withoutUndefined(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
