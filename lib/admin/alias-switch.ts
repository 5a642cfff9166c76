/**
 * Switches an alias to another model without a gap: the new one is loaded beside the old one and tried, then the alias is
 * moved, and the old one is unloaded when nobody needs it any more.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../config/schema.ts";
import { GatewayError } from "../errors.ts";
import { normaliseModelName } from "../gateway/choose-model.ts";
import type { Runtime } from "../runtime.ts";
import type { LoadRequest, Slots } from "../slots/types.ts";
import type { AliasSwitch, AliasSwitchReply } from "./schemas/alias-switch.ts";

export type SwitchServices = Pick<Runtime, "config" | "slots" | "underWay" | "log">;

const lookEveryMs = 50;

/** Aliases that are being switched. */
const switching = new WeakMap<Slots, Set<string>>();

/**
 * Resolves when the alias is moved; the old model may still be at work then.
 * @param onBegun called when a slot is given the new model: what fails from then on was no refusal
 * @throws GatewayError as a load does; 400 for an alias that is a model's id; 409 where it is being switched already;
 * 422 where the new model does not answer: nothing has changed then
 */
export async function switchAlias(
  wanted: AliasSwitch,
  services: SwitchServices,
  onBegun?: (port: number) => void,
): Promise<AliasSwitchReply> {
  const { alias } = wanted;
  refuseModelName(alias, services);
  const underWay = switching.get(services.slots) ?? new Set();
  switching.set(services.slots, underWay);
  if (underWay.has(alias))
    throw new GatewayError("conflict", `The alias '${alias}' is being switched already.`);
  underWay.add(alias);
  try {
    const { model, slot } = await prepare(wanted, services, onBegun);
    const previous = targetOf(alias, services.config.current);
    // All of them: in a file that has none, the first one would replace those that are there by default.
    await services.config.patch({ aliases: { ...services.config.current.aliases, [alias]: model } });
    return {
      status: "switched",
      alias,
      model,
      slot,
      previous: leave(previous, model, wanted.keep, services),
    };
  } finally {
    underWay.delete(alias);
  }
}

/** The new model, loaded and tried. */
async function prepare(
  { alias: _alias, model: id, slot, keep: _keep, ...request }: AliasSwitch,
  { slots }: SwitchServices,
  onBegun?: (port: number) => void,
): Promise<{ model: string; slot: number }> {
  const running = id === undefined ? undefined : await readySlot(id, slots);
  if (running) {
    await slots.tryOut(running.slot);
    return running;
  }
  const wish: LoadRequest = id === undefined ? request : { ...request, model_path: await pathOf(id, slots) };
  const loaded = await slots.load(slot ?? "any", wish, { onBegun });
  try {
    await slots.tryOut(loaded.port);
  } catch (error) {
    await slots.unload(loaded.port);
    throw error;
  }
  if (loaded.modelName === null) throw new GatewayError("internal", "The gateway hit an internal error.");
  return { model: loaded.modelName, slot: loaded.port };
}

/** A slot that serves it; one that only measures it is no such slot. */
async function readySlot(id: string, slots: Slots): Promise<{ model: string; slot: number } | undefined> {
  if (!slots.models().some((model) => model.status === "ready" && isSame(model.id, id))) return undefined;
  for (const { port, status, modelName } of await slots.snapshot())
    if (status === "ready" && modelName !== null && isSame(modelName, id))
      return { model: modelName, slot: port };
  return undefined;
}

async function pathOf(id: string, slots: Slots): Promise<string> {
  const found = (await slots.localModels()).find((model) => isSame(model.id, id));
  if (found) return found.path;
  throw new GatewayError("model_not_found", `The model '${id}' is not here. See GET models/local.`, {
    param: "model",
  });
}

/** What becomes of the old model. */
function leave(
  previous: string | null,
  next: string,
  keep: boolean,
  services: SwitchServices,
): AliasSwitchReply["previous"] {
  if (previous === null) return null;
  const loaded = services.slots
    .models()
    .find(({ id, status }) => status !== "loadable" && isSame(id, previous));
  const model = loaded?.id ?? previous;
  const reason = !loaded
    ? "It is not loaded."
    : isSame(model, next)
      ? "It is the same model."
      : keep
        ? "You asked for it."
        : usedBy(model, services.config.current);
  if (reason !== null) return { model, status: "kept", reason };
  retire(model, performance.now(), services).catch((error) =>
    services.log.error({ err: error, model }, "A model that an alias has left could not be unloaded."),
  );
  return { model, status: "draining", reason: null };
}

/** Unloads a model when all requests for it have ended that came before the alias was moved. */
async function retire(
  model: string,
  movedMs: number,
  { slots, config, underWay }: SwitchServices,
): Promise<void> {
  while (underWay.hasOlder(model, movedMs)) await sleep(lookEveryMs);
  // Meanwhile it may have been named again.
  if (usedBy(model, config.current) !== null) return;
  for (const { port, modelName, status } of await slots.snapshot())
    if (modelName === model && status === "ready") await slots.unload(port, { mayReturn: true });
}

/** Why a model is needed without the alias; null where it is not. */
function usedBy(model: string, { aliases, models }: Config): string | null {
  const [other] = Object.entries(aliases).find(([, target]) => isSame(target, model)) ?? [];
  if (other !== undefined) return `The alias '${other}' stands for it.`;
  return Object.hasOwn(models, model) && models[model]?.pinned ? "It is pinned." : null;
}

/** What it stands for; null for nothing. */
export function targetOf(alias: string, { aliases }: Config): string | null {
  return Object.hasOwn(aliases, alias) ? (aliases[alias] ?? null) : null;
}

/** Ids come before aliases: such an alias would never be asked. */
function refuseModelName(alias: string, { slots }: SwitchServices): void {
  if (!slots.models().some(({ id }) => isSame(id, alias))) return;
  throw new GatewayError("invalid_request", `'${alias}' is a model's id, so it cannot be an alias.`, {
    param: "alias",
  });
}

function isSame(one: string, other: string): boolean {
  return normaliseModelName(one) === normaliseModelName(other);
}
