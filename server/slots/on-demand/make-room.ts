/** Finds a slot for a model, empties others where it must, and begins the load. */
import type { Logger } from "pino";
import type { Config } from "../../../lib/config/schema.ts";
import type { Changes } from "../changes.ts";
import type { PlannedEngine } from "../engines/engine.ts";
import type { Turnstile } from "../queue/turnstile.ts";
import type { Slot } from "../slot.ts";
import type { Wish } from "../state.ts";
import type { SlotFacts } from "./facts.ts";
import type { DemandHelpers } from "./helpers.ts";
import { type Choices, choosePlacement, isEvictable, isFree, type Placement } from "./placement.ts";

export interface RoomServices {
  slots: readonly Slot[];
  config: () => Config;
  changes: Changes;
  helpers: DemandHelpers;
  log: Logger;
  factsOf(slot: Slot): SlotFacts;
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

interface Waiting {
  newcomer: Newcomer;
  /** Monotonic. */
  untilMs: number;
  resolve(slot: Slot | null): void;
  reject(error: unknown): void;
}

const earlierOnes = "Models that were asked for earlier wait for the same room.";

export class RoomMaker {
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting>();
  /** One look after the other: two must not count on the same slot, nor on the same memory. */
  #looks: Promise<void> = Promise.resolve();
  #nextLook: NodeJS.Timeout | undefined;

  constructor(readonly services: RoomServices) {}

  /**
   * Who has to wait is passed by others, but only by those that it would have room beside.
   * @returns the slot that starts it now; null where another has begun to serve the line meanwhile, or nobody waits in it
   * @throws NoRoom at once where waiting would not help, or when nothing became free within `queue.deadline_s`;
   * GatewayError while the gateway shuts down
   */
  place(newcomer: Newcomer): Promise<Slot | null> {
    const untilMs = performance.now() + this.services.config().queue.deadline_s * 1000;
    return new Promise((resolve, reject) => {
      this.#waiting.add({ newcomer, untilMs, resolve, reject });
      this.#look();
    });
  }

  #look(): void {
    this.#looks = this.#looks.then(() => this.#lookForAll());
  }

  async #lookForAll(): Promise<void> {
    clearTimeout(this.#nextLook);
    const older: Newcomer[] = [];
    for (const waiting of [...this.#waiting])
      if (await this.#lookFor(waiting, older)) this.#waiting.delete(waiting);
      else older.push(waiting.newcomer);
    if (this.#waiting.size > 0) this.#nextLook = setTimeout(() => this.#look(), this.services.roomEveryMs);
  }

  /** @returns false where it goes on waiting */
  async #lookFor({ newcomer, untilMs, resolve, reject }: Waiting, older: Newcomer[]): Promise<boolean> {
    try {
      const slot = await this.#tryToPlace(newcomer, older, performance.now() >= untilMs);
      if (slot === undefined) return false;
      resolve(slot);
    } catch (error) {
      reject(error);
    }
    return true;
  }

  /** @returns as `place`; undefined where it has to wait */
  async #tryToPlace(
    newcomer: Newcomer,
    older: readonly Newcomer[],
    isLate: boolean,
  ): Promise<Slot | null | undefined> {
    const { planned, line, ownPort } = newcomer;
    for (;;) {
      this.services.refuseWhenClosing();
      if (line.servers.size > 0 || line.waiting === 0) return null;
      const rules = { evict: this.services.config().auto_load.evict, ownPort };
      const choices = choosePlacement(this.services.slots.map(this.services.factsOf), rules);
      const { placement, shortage } = await this.#firstThatFits(choices.placements, planned);
      if (!placement) await this.#refuseHopeless(planned, choices, shortage);
      const mayTake = placement !== null && (await this.#mayPass(planned, older, choices));
      if (!mayTake && isLate) throw new NoRoom(placement ? earlierOnes : shortage);
      if (!mayTake) return undefined;
      const slot = await this.#take(placement, newcomer);
      if (slot) return slot;
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

  /** @throws NoRoom where there is none either when all is idle that may be unloaded */
  async #refuseHopeless(
    planned: PlannedEngine,
    { emptiable, mayWait }: Choices,
    shortage: string | null,
  ): Promise<void> {
    if (!mayWait) throw new NoRoom(shortage);
    const never = await this.services.helpers.shortage(planned, emptiable);
    if (never !== null) throw new NoRoom(never);
  }

  /** Whether each of those that came before would still find room beside it, once what is busy now may be unloaded. */
  async #mayPass(
    planned: PlannedEngine,
    older: readonly Newcomer[],
    { emptiable, places }: Choices,
  ): Promise<boolean> {
    if (older.length > 0 && places < 2) return false;
    for (const other of older)
      if ((await this.services.helpers.shortage(planned, emptiable, [other.planned])) !== null) return false;
    return true;
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
      slot.release();
    }
    const isGone = ({ state }: Slot) => state.status === "empty" || state.wish !== null;
    await changes.until(() => {
      this.services.refuseWhenClosing();
      return leaving.every(isGone) || undefined;
    });
    if (newcomer.line.waiting === 0 || !isFree(factsOf(target))) return null;
    newcomer.onBegin();
    target.want(newcomer.wish, newcomer.planned);
    return target;
  }
}
