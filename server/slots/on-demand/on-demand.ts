/** Loads models because requests name them, and unloads those that nobody uses. Decisions are in the files beside it. */
import { isDeepStrictEqual } from "node:util";
import type { Config } from "../../../lib/config/schema.ts";
import { GatewayError } from "../../../lib/errors.ts";
import { clientLeft } from "../../../lib/gateway/forward.ts";
import type { CatalogueModel } from "../../../lib/models/catalogue.ts";
import type { LeaseOptions, LoadRequest, RoutableModel } from "../../../lib/slots/types.ts";
import type { PlannedEngine } from "../engines/engine.ts";
import type { ModelList } from "../model-list.ts";
import type { Turnstile } from "../queue/turnstile.ts";
import type { Turnstiles } from "../queue/turnstiles.ts";
import type { Slot } from "../slot.ts";
import type { Failure, Wish } from "../state.ts";
import { LoadBackoff } from "./backoff.ts";
import { type Demand, demandFor } from "./demand.ts";
import { estimatedLoadMs } from "./expectation.ts";
import { factsOf } from "./facts.ts";
import { idlePorts } from "./idle.ts";
import { NoRoom, RoomMaker, type RoomServices } from "./make-room.ts";
import { loadFailed, noRoom, notRunning, oneAtATime } from "./refusals.ts";
import { RememberedModels } from "./remembered.ts";

export interface OnDemandServices extends Omit<RoomServices, "factsOf" | "roomEveryMs"> {
  turnstiles: Turnstiles;
  models: () => ModelList;
  /** Absolute. */
  modelsDir: string;
  plan(request: LoadRequest): Promise<PlannedEngine>;
  timings: OnDemandTimings;
}

export interface OnDemandTimings {
  /** Between looks for room where every slot is busy. */
  roomEveryMs: number;
  /** Between looks for models that nobody uses. */
  idleEveryMs: number;
  /** Between expectations told to those who wait for a load. */
  tellEveryMs: number;
}

/** The engine did not start, in the doctor's words. */
class LoadFailure extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** An operator has taken the slot, or emptied it. */
class Superseded extends Error {}

export class OnDemand {
  readonly #backoff = new LoadBackoff();
  readonly #remembered = new RememberedModels();
  readonly #noted = new WeakSet<Failure>();
  /** The one load that each user has caused. */
  readonly #underWay = new Map<string, Turnstile>();
  readonly #rooms: RoomMaker;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(readonly services: OnDemandServices) {
    const { turnstiles, config, timings } = services;
    this.#rooms = new RoomMaker({
      ...services,
      factsOf: (slot) => factsOf(slot, turnstiles.waitingBefore(slot), config()),
      roomEveryMs: timings.roomEveryMs,
    });
  }

  /** Begins to look for models that nobody uses. */
  start(): void {
    this.#idleTimer = setInterval(() => this.#unloadIdle(), this.services.timings.idleEveryMs);
    this.#idleTimer.unref();
  }

  stop(): void {
    clearInterval(this.#idleTimer);
  }

  /**
   * A line before a model that no slot serves: its load begins now. Once its engine is being started, it goes on whoever
   * leaves the line; before, it is given up when the line is empty.
   * @throws GatewayError where it cannot be loaded on demand, was tried in vain a moment ago, or another model is being
   * loaded for the same user, who is no admin
   */
  open(modelId: string, options: LeaseOptions): Turnstile {
    if (options.signal.aborted) throw clientLeft();
    const demand = this.#demandFor(modelId);
    if (!demand) throw notRunning(modelId, this.services.models().current());
    const failure = this.#backoff.check(modelId, performance.now());
    if (failure) throw loadFailed(modelId, failure, options);
    const user = options.isAdmin ? null : userOf(options);
    const other = user === null ? undefined : this.#underWay.get(user);
    if (other) throw oneAtATime(modelId, other);
    return this.#begin(modelId, demand, user);
  }

  /** Call it after every change of a slot. */
  slotChanged(slot: Slot): void {
    const { state, planned } = slot;
    if (state.status === "draining" && slot.isReleased) this.#keepLine(slot);
    if (!planned || !state.wish) return;
    const { status, wish, failure } = state;
    if (status === "ready") {
      this.#backoff.forget(planned.model.id);
      this.#remembered.note(wish.request, planned.model);
    }
    if (status === "failed" && wish.origin === "demand" && failure)
      this.#noteFailure(planned.model.id, failure);
  }

  /** Call it after every change of the configuration. */
  configChanged(next: Config, previous: Config): void {
    // What kept models from working may be mended.
    this.#backoff.forgetAll();
    const settingsOf = ({ models, default_ctx_size }: Config) => [models, default_ctx_size];
    if (!isDeepStrictEqual(settingsOf(next), settingsOf(previous))) this.#remembered.forgetAll();
  }

  /** What a file was when it was last loaded as a request would load it; null where it was not. */
  remembered(model: CatalogueModel): Omit<RoutableModel, "status"> | null {
    const { config, modelsDir } = this.services;
    const request = () => demandFor(model, config(), modelsDir).request;
    return this.#remembered.find(model.id, model.modifiedS, request);
  }

  /** @returns null where nothing is to be loaded */
  #demandFor(modelId: string): Demand | null {
    const { config, models, modelsDir, slots } = this.services;
    const local = models().find(modelId);
    const isOperators = (slot: Slot) => slot.model()?.id === modelId && isLeftToOperator(slot);
    if (!config().auto_load.enabled || !local || local.error !== null || slots.some(isOperators)) return null;
    return demandFor(local, config(), modelsDir);
  }

  /** Those who wait for a model when its last slot is released go on waiting, until it is loaded again. */
  #keepLine(slot: Slot): void {
    const { turnstiles } = this.services;
    const modelId = slot.model()?.id;
    if (modelId === undefined || turnstiles.waitingBefore(slot) === 0) return;
    const line = turnstiles.get(modelId);
    const demand = this.#demandFor(modelId);
    if (demand && line?.loading === null && line.servers.size === 1) this.#begin(modelId, demand, null);
  }

  /** @param user whom it is loaded for; null where it counts for nobody */
  #begin(modelId: string, demand: Demand, user: string | null): Turnstile {
    const { config, turnstiles, log } = this.services;
    const deadlineMs = config().load_timeout_s * 1000;
    const line = turnstiles.expect(modelId, { deadlineMs, readyAtMs: null });
    if (user !== null) this.#underWay.set(user, line);
    this.#load(demand, line)
      .catch((error) => log.error(error, "A load on demand went wrong."))
      .finally(() => user !== null && this.#underWay.delete(user));
    return line;
  }

  async #load(demand: Demand, line: Turnstile): Promise<void> {
    const { turnstiles, timings } = this.services;
    const telling = setInterval(() => line.tell(), timings.tellEveryMs);
    let errorFor = (_: LeaseOptions) =>
      new GatewayError("engine_unavailable", `The model '${line.modelId}' was unloaded.`);
    try {
      // Who has come since it was given up has it loaded after all.
      do await this.#run(demand, line);
      while (line.servers.size === 0 && line.waiting > 0);
    } catch (error) {
      if (!(error instanceof Superseded)) errorFor = this.#explain(error, line.modelId);
    } finally {
      clearInterval(telling);
      turnstiles.endLoading(line, errorFor);
    }
  }

  async #run({ request, ownPort, sizeBytes }: Demand, line: Turnstile): Promise<void> {
    const { plan, helpers } = this.services;
    const planned = await plan(request);
    const expectedMs = (await helpers.learnedLoadMs(planned)) ?? estimatedLoadMs(sizeBytes);
    const wish: Wish = { request, origin: "demand" };
    const onBegin = () => {
      if (line.loading) line.loading.readyAtMs = performance.now() + expectedMs;
      line.tell();
    };
    const slot = await this.#rooms.place({ planned, wish, ownPort, line, onBegin });
    if (slot) await this.#untilReady(slot, wish);
  }

  /** @throws LoadFailure, Superseded, and GatewayError while the gateway shuts down */
  #untilReady(slot: Slot, wish: Wish): Promise<true> {
    return this.services.changes.until(() => {
      this.services.refuseWhenClosing();
      const { state } = slot;
      if (state.wish !== wish) throw new Superseded();
      if (state.status === "failed" && state.failure) throw new LoadFailure(state.failure);
      return state.status === "ready" || undefined;
    });
  }

  /** What those who wait are told. */
  #explain(error: unknown, modelId: string): (options: LeaseOptions) => GatewayError {
    if (error instanceof NoRoom) return (options) => noRoom(modelId, error.reason, options);
    if (error instanceof GatewayError && error.code === "draining") return () => error;
    const message = error instanceof Error ? error.message : String(error);
    const kind = "unsuitable";
    const unsuitable: Failure = { kind, cause: kind, message, nextStep: null };
    this.#noteFailure(modelId, error instanceof LoadFailure ? error.failure : unsuitable);
    const known = this.#backoff.check(modelId, performance.now()) ?? { message, leftMs: 0 };
    return (options) => loadFailed(modelId, known, options);
  }

  #noteFailure(modelId: string, failure: Failure): void {
    if (this.#noted.has(failure)) return;
    this.#noted.add(failure);
    this.#backoff.note(modelId, failure.message, performance.now());
  }

  #unloadIdle(): void {
    const { slots, turnstiles, config, log } = this.services;
    const facts = slots.map((slot) => factsOf(slot, turnstiles.waitingBefore(slot), config()));
    const ports = idlePorts(facts, config(), performance.now());
    for (const slot of slots.filter(({ port }) => ports.includes(port))) {
      log.info({ port: slot.port, model: slot.planned?.model.id }, "A model that nobody uses is unloaded.");
      slot.release();
    }
  }
}

/** It has had its chances, or is being unloaded: what becomes of it is the operator's to say. */
function isLeftToOperator({ state: { status, wish }, isReleased }: Slot): boolean {
  if (status === "draining") return !isReleased;
  return status === "failed" && wish?.origin !== "demand";
}

/** Whom a load counts for: keys are made in a moment. */
function userOf({ request, keyId }: LeaseOptions): string {
  return request ? `user ${request.userId}` : `key ${keyId}`;
}
