/** Engines to be measured: one that serves clients and gives turns to measuring, or one in a slot of its own. */
import { GatewayError } from "../../lib/errors.ts";
import type { Lease, LeaseOptions, LoadRequest } from "../../lib/slots/types.ts";
import type { Changes } from "./changes.ts";
import type { PlannedEngine } from "./engines/engine.ts";
import { loadError } from "./failure.ts";
import { refuseUnfit } from "./fit-check.ts";
import type { Turnstiles } from "./queue/turnstiles.ts";
import type { Slot } from "./slot.ts";
import type { Wish } from "./state.ts";

/** A ready engine, and how to get turns on it. */
export interface MeasuredEngine {
  readonly port: number;
  readonly planned: PlannedEngine;
  /** What it was asked to run. */
  readonly request: LoadRequest;
  /** Requests that it works on, or that wait for it. */
  busyWith(): number;
  /** As `Slots.lease`. @throws GatewayError */
  lease(options: LeaseOptions): Lease | Promise<Lease>;
  /** Tells when it is not there any more. */
  watch(): Watch;
}

export interface Watch {
  /** Aborted when the engine ended or shall end; the reason is a GatewayError, `conflict` where somebody wanted it so. */
  readonly gone: AbortSignal;
  /** Ends the watch. */
  stop(): void;
}

/** An engine that was started to be measured; no client's request gets there. */
export interface Trial extends MeasuredEngine {
  /** Ends the engine. Resolves when its slot is empty, or has something else to do. */
  close(): Promise<void>;
}

export interface TrialServices {
  slots: readonly Slot[];
  changes: Changes;
  plan(request: LoadRequest): Promise<PlannedEngine>;
  lines: Pick<Turnstiles, "get" | "waiting">;
  /** @throws GatewayError while the gateway shuts down */
  refuseWhenClosing(): void;
}

export class Trials {
  constructor(readonly services: TrialServices) {}

  /** The ready engines that serve clients, those of one model if it is named. */
  serving(modelId?: string): MeasuredEngine[] {
    return this.services.slots.flatMap((slot) => {
      const { planned, state } = slot;
      const id = slot.serves();
      if (!planned || !state.wish || id === null || state.status !== "ready") return [];
      if (modelId !== undefined && id !== modelId) return [];
      const { request } = state.wish;
      const line = () => this.services.lines.get(id);
      return {
        port: slot.port,
        planned,
        request,
        busyWith: () => (slot.gate?.inFlight ?? 0) + (line()?.waiting ?? 0),
        lease: (options) => this.#leaseFrom(slot, id, options),
        watch: () => this.#watch(slot, () => slot.planned === planned && slot.state.status === "ready"),
      };
    });
  }

  /** Requests that engines work on, and those that wait for one: in all slots. */
  busyWith(): number {
    const { slots, lines } = this.services;
    return slots.reduce((sum, { gate }) => sum + (gate?.inFlight ?? 0), lines.waiting);
  }

  /** Resolves as soon as an engine that serves clients is one that `wants` takes. */
  untilServing(wants: (engine: MeasuredEngine) => boolean): Promise<MeasuredEngine> {
    return this.services.changes.until(() => this.serving().find(wants));
  }

  /**
   * Starts an engine in an empty slot. The configuration is not told of it: whatever happens to this process, the next
   * start does not load it.
   * @throws GatewayError 400, 409 when no slot is empty or it does not fit, 422; what the signal was aborted with
   */
  async open(request: LoadRequest, signal: AbortSignal): Promise<Trial> {
    this.services.refuseWhenClosing();
    const planned = await this.services.plan(request);
    refuseUnfit(planned);
    this.services.refuseWhenClosing();
    signal.throwIfAborted();
    const slot = this.services.slots.find(({ state }) => state.status === "empty" && state.wish === null);
    if (!slot) throw new GatewayError("conflict", "No slot is empty. Unload a model first.");
    const wish: Wish = { request, origin: "trial" };
    const close = () => this.#close(slot, wish);
    const giveUp = () => void close();
    signal.addEventListener("abort", giveUp, { once: true });
    slot.want(wish, planned);
    try {
      return await this.#ready(slot, wish, close);
    } catch (error) {
      await close();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  #leaseFrom(slot: Slot, modelId: string, options: LeaseOptions): Lease | Promise<Lease> {
    this.services.refuseWhenClosing();
    const line = this.services.lines.get(modelId);
    if (!line || slot.serves() !== modelId) throw gone(slot);
    return line.lease(options);
  }

  async #ready(slot: Slot, wish: Wish, close: () => Promise<void>): Promise<Trial> {
    const { changes } = this.services;
    await changes.until(() => {
      if (slot.state.wish !== wish || slot.state.failure) throw endOf(slot);
      return slot.state.status === "ready" || undefined;
    });
    const { planned } = slot;
    if (!planned) throw gone(slot);
    const isReady = () => slot.state.wish === wish && slot.state.status === "ready";
    return {
      port: slot.port,
      planned,
      request: wish.request,
      busyWith: () => slot.gate?.inFlight ?? 0,
      lease: (options) => {
        if (!slot.gate?.open || !isReady()) throw endOf(slot);
        return slot.gate.grant(0, options);
      },
      watch: () => this.#watch(slot, isReady),
      close,
    };
  }

  #watch(slot: Slot, isHere: () => boolean): Watch {
    const gone = new AbortController();
    let isOver = false;
    // What it waits for is forgotten with the next change of any slot.
    this.services.changes
      .until(() => isOver || !isHere() || undefined)
      .then(() => {
        if (!isOver) gone.abort(endOf(slot));
      });
    return {
      gone: gone.signal,
      stop: () => {
        isOver = true;
      },
    };
  }

  async #close(slot: Slot, wish: Wish): Promise<void> {
    if (slot.state.wish !== wish && slot.state.status !== "draining") return;
    if (slot.state.wish === wish) slot.want(null);
    await this.services.changes.until(
      () => slot.state.status === "empty" || slot.state.wish !== null || undefined,
    );
  }
}

function endOf(slot: Slot): GatewayError {
  const { failure } = slot.state;
  return failure ? loadError(failure) : gone(slot);
}

function gone({ port }: Slot): GatewayError {
  return new GatewayError("conflict", `The engine in slot ${port} was unloaded meanwhile.`);
}
