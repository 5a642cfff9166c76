/** What an operator does with slots: load, unload, restart; and what an edit of the configuration does. */
import { isDeepStrictEqual } from "node:util";
import type { Config } from "../../lib/config/schema.ts";
import type { ConfigStore } from "../../lib/config/types.ts";
import { GatewayError } from "../../lib/errors.ts";
import type {
  ActionOptions,
  LoadOptions,
  LoadRequest,
  UnloadOptions,
  WantedSlot,
} from "../../lib/slots/types.ts";
import type { Changes } from "./changes.ts";
import type { PlannedEngine } from "./engines/engine.ts";
import { modelSettings } from "./engines/load-options.ts";
import { loadError } from "./failure.ts";
import { refuseUnfit } from "./fit-check.ts";
import type { Slot } from "./slot.ts";
import type { Wish } from "./state.ts";
import { wishChange } from "./wish-change.ts";

export interface OperationServices {
  slots: readonly Slot[];
  config: ConfigStore;
  changes: Changes;
  /** @param port of the slot that it is for; null for an empty one */
  plan(request: LoadRequest, port: number | null): Promise<PlannedEngine>;
  /** @throws GatewayError while the gateway shuts down */
  refuseWhenClosing(): void;
}

export class Operations {
  constructor(readonly services: OperationServices) {}

  /** @throws GatewayError 404 */
  slotAt(port: number): Slot {
    const slot = this.services.slots.find((one) => one.port === port);
    if (slot) return slot;
    const ports = this.services.slots.map((one) => one.port).join(", ");
    throw new GatewayError("not_found", `There is no slot ${port}. There are: ${ports}.`, { param: "slot" });
  }

  /**
   * Resolves when it is ready, or as soon as the engine is being started.
   * @throws GatewayError 400, 404, 409, 422
   */
  async load(
    port: WantedSlot,
    request: LoadRequest,
    { wait = true, force = false, onBegun }: LoadOptions = {},
  ): Promise<Slot> {
    const { config, plan, refuseWhenClosing } = this.services;
    refuseWhenClosing();
    this.#freeSlot(port);
    const planned = await plan(request, port === "any" ? null : port);
    if (!force) refuseUnfit(planned);
    // Planning takes a while. From here on it is one step, so that nobody else can take the slot.
    refuseWhenClosing();
    const slot = this.#freeSlot(port);
    const wish: Wish = { request, origin: "operator" };
    slot.want(wish, planned);
    onBegun?.(slot.port);
    try {
      await config.setSlot(slot.port, request);
      if (request.preset !== undefined) await this.#offerPreset(planned.model.id, request.preset);
    } catch (error) {
      // Meanwhile it may have been given something else.
      if (slot.state.wish === wish) slot.want(null);
      throw error;
    }
    return wait ? this.#ready(slot, wish) : slot;
  }

  /** @throws GatewayError 404, 409 where it is busy, or no slot is empty */
  #freeSlot(port: WantedSlot): Slot {
    if (port !== "any") return refuseBusy(this.slotAt(port));
    const empty = this.services.slots.find(({ state }) => state.status === "empty");
    if (empty) return empty;
    const message = "No slot is empty. Unload one first, or name one that has failed.";
    throw new GatewayError("conflict", message, { param: "slot" });
  }

  /** The preset that was used last is the one to use where none is named. */
  async #offerPreset(modelId: string, preset: string): Promise<void> {
    const { config } = this.services;
    if (modelSettings(config.current, modelId)?.preset !== preset)
      await config.patch({ models: { [modelId]: { preset } } });
  }

  /** @throws GatewayError 404 */
  async unload(port: number, { mayReturn = false, onBegun }: UnloadOptions = {}): Promise<Slot> {
    const { config, changes } = this.services;
    const slot = this.slotAt(port);
    const configured = config.current.slots[port];
    const keepsWish = isGuest(slot, configured);
    if (mayReturn) slot.release();
    else slot.want(null);
    onBegun?.(port);
    if (configured && !keepsWish) await config.setSlot(port, null);
    await changes.until(() => slot.state.status === "empty" || slot.state.wish !== null || undefined);
    return slot;
  }

  /** @throws GatewayError 404, 409, 422 */
  async restart(port: number, { onBegun }: ActionOptions = {}): Promise<Slot> {
    this.services.refuseWhenClosing();
    const slot = this.slotAt(port);
    if (!slot.state.wish)
      throw new GatewayError("conflict", `Slot ${port} is empty: there is nothing to restart.`);
    const wish: Wish = { request: slot.state.wish.request, origin: "operator" };
    slot.want(wish);
    onBegun?.(port);
    return this.#ready(slot, wish);
  }

  /** Does what an edit of the configuration asks for. */
  follow(next: Config, previous: Config): void {
    for (const slot of this.services.slots) {
      const request = next.slots[slot.port] ?? null;
      const current = slot.state.wish?.request ?? null;
      if (wishChange(previous.slots[slot.port] ?? null, request, current) !== "keep")
        slot.want(request && { request, origin: "config" });
    }
  }

  /** Resolves when the wish came true. @throws GatewayError 409 when another took its place, 422 when it failed */
  #ready(slot: Slot, wish: Wish): Promise<Slot> {
    return this.services.changes.until(() => {
      this.services.refuseWhenClosing();
      const { state } = slot;
      if (state.wish !== wish)
        throw new GatewayError("conflict", `Slot ${slot.port} was given something else to do meanwhile.`);
      if (state.status === "failed")
        throw loadError(state.failure ?? { kind: "exited", message: "It failed." });
      return state.status === "ready" ? slot : undefined;
    });
  }
}

/** What a request or a measurement had loaded here, in the place of what the operator wishes for. */
function isGuest({ state: { wish } }: Slot, configured: LoadRequest | null | undefined): boolean {
  const isUnasked = wish?.origin === "demand" || wish?.origin === "trial";
  return isUnasked && !isDeepStrictEqual(wish?.request, configured);
}

function refuseBusy(slot: Slot): Slot {
  const { port, state, planned, expected } = slot;
  if (state.status === "empty" || state.status === "failed") return slot;
  // What the configuration wishes is not known until its file was looked at.
  const model = (planned ?? expected)?.model.id;
  const what = model === undefined ? state.status : `${state.status} with ${model}`;
  throw new GatewayError("conflict", `Slot ${port} is ${what}. Unload it first.`);
}
