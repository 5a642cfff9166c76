/** The presets of a model: they live in the configuration. */
import { replacingPatch } from "../config/replacing-patch.ts";
import type { Config } from "../config/schema.ts";
import { GatewayError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { PresetsReply, PutPresets } from "./schemas/presets.ts";

type Services = Pick<Runtime, "config" | "slots">;

/**
 * The model that a path names: one on the disk, in a slot, or in the configuration.
 * @param named as it stands in the path; `%2F` counts as `/`, where that is not part of the id itself
 * @throws GatewayError 404
 */
export async function modelIn(named: string, { config, slots }: Services): Promise<string> {
  const local = await slots.localModels();
  const ids = [...local, ...slots.models()].map(({ id }) => id);
  const known = new Set([...ids, ...Object.keys(config.current.models)]);
  const found = [named, decoded(named)].find((id) => known.has(id));
  if (found !== undefined) return found;
  throw new GatewayError("model_not_found", `The model '${named}' is not here. See GET models/local.`, {
    param: "id",
  });
}

export function presetsOf(model: string, config: Config): PresetsReply {
  const own = Object.hasOwn(config.models, model) ? config.models[model] : undefined;
  return { model, preset: own?.preset ?? null, presets: own?.presets ?? {} };
}

/** Replaces all presets of a model. @throws GatewayError as `ConfigStore.patch` does */
export async function putPresets(
  model: string,
  wanted: PutPresets,
  { config }: Services,
): Promise<PresetsReply> {
  const before = presetsOf(model, config.current);
  const preset = wanted.preset === undefined ? before.preset : wanted.preset;
  const isThere = preset !== null && Object.hasOwn(wanted.presets, preset);
  const presets = replacingPatch(before.presets, withoutUndefined(wanted.presets));
  const next = await config.patch({ models: { [model]: { presets, preset: isThere ? preset : null } } });
  return presetsOf(model, next);
}

/** As the file will have it. */
function withoutUndefined(presets: PutPresets["presets"]): unknown {
  return JSON.parse(JSON.stringify(presets));
}

function decoded(named: string): string {
  try {
    return decodeURIComponent(named);
  } catch {
    return named;
  }
}
