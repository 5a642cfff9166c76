/** Finds a slot for a model, empties others where it must, and begins the load. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "../../../lib/config/schema.ts";
import type { Changes } from "../changes.ts";
import type { PlannedEngine } from "../engines/engine.ts";
import type { Turnstile } from "../queue/turnstile.ts";
import type { Slot } from "../slot.ts";
import type { Wish } from "../state.ts";
import type { SlotFacts } from "./facts.ts";
import type { DemandHelpers } from "./helpers.ts";
import { choosePlacement, isEvictable, isFree, type Placement } from "./placement.ts";

export interface RoomServices {
  slots: readonly Slot[];
  config: () => Config;
  changes: Changes;
  helpers: DemandHelpers;
  log: Logger;
  factsOf(slot: Slot): SlotFacts;
  /** Empties a slot that nobody uses. */
  empty(slot: Slot): void;
  /** @throws GatewayError while the gateway shuts down */
  refuseWhenClosing(): void;
  /** Between looks for room where every slot is busy. */
  roomEveryMs: number;
}

/** There is no slot, or no memory. */
export class NoRoom extends Error {
  /** @param reason what memory is short of, in words; null where slots are */
  constructor(readonly reason: string | null) {
    super("There is no room.");
  }
}

export interface Newcomer {
  planned: PlannedEngine;
  wish: Wish;
  ownPort: number | null;
  line: Turnstile;
  /** Told when the start is about to begin. */
  onBegin(): void;
}

export class RoomMaker {
  /** Room is made for one model after the other: two must not count on the same slot. */
  #placing: Promise<unknown> = Promise.resolve();

  constructor(readonly services: RoomServices) {}

  /**
   * @returns the slot that starts it now; null where another has begun to serve the line meanwhile
   * @throws NoRoom when nothing became free within `queue.deadline_s`; GatewayError while the gateway shuts down
   */
  place(newcomer: Newcomer): Promise<Slot | null> {
    const placed = this.#placing.then(() => this.#place(newcomer));
    this.#placing = placed.catch(() => undefined);
    return placed;
  }

  async #place(newcomer: Newcomer): Promise<Slot | null> {
    const { config, roomEveryMs } = this.services;
    const untilMs = performance.now() + config().queue.deadline_s * 1000;
    for (;;) {
      this.services.refuseWhenClosing();
      if (newcomer.line.servers.size > 0) return null;
      const rules = { evict: config().auto_load.evict, ownPort: newcomer.ownPort };
      const { placements, mayWait } = choosePlacement(this.#facts(), rules);
      const { placement, shortage } = await this.#firstThatFits(placements, newcomer.planned);
      const slot = placement && (await this.#take(placement, newcomer));
      if (slot) return slot;
      if (placement) continue;
      if (!mayWait || performance.now() >= untilMs) throw new NoRoom(shortage);
      await sleep(roomEveryMs);
    }
  }

  async #firstThatFits(
    placements: readonly Placement[],
    planned: PlannedEngine,
  ): Promise<{ placement: Placement | null; shortage: string | null }> {
    let shortage: string | null = null;
    for (const placement of placements) {
      shortage = await this.services.helpers.shortage(planned, placement.unload);
      if (shortage === null) return { placement, shortage };
    }
    return { placement: null, shortage };
  }

  /** @returns null where things have changed meanwhile, so that it has to be decided anew */
  async #take({ port, unload }: Placement, newcomer: Newcomer): Promise<Slot | null> {
    const { slots, changes, factsOf, log } = this.services;
    const target = slots.find((slot) => slot.port === port);
    const leaving = slots.filter((slot) => unload.includes(slot.port));
    if (!target || !leaving.every((slot) => isEvictable(factsOf(slot)))) return null;
    if (!leaving.includes(target) && !isFree(factsOf(target))) return null;
    for (const slot of leaving) {
      const model = slot.planned?.model.id;
      log.info({ port: slot.port, model, for: newcomer.line.modelId }, "A model makes room for another.");
      this.services.empty(slot);
    }
    const isGone = ({ state }: Slot) => state.status === "empty" || state.wish !== null;
    await changes.until(() => {
      this.services.refuseWhenClosing();
      return leaving.every(isGone) || undefined;
    });
    if (!isFree(factsOf(target))) return null;
    newcomer.onBegin();
    target.want(newcomer.wish, newcomer.planned);
    return target;
  }

  #facts(): SlotFacts[] {
    return this.services.slots.map(this.services.factsOf);
  }
}
