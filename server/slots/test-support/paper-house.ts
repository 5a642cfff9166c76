/** Slots on paper: the real state machine and the real decisions, with engines, requests and a clock that are numbers. */
import { type Config, configSchema } from "../../../lib/config/schema.ts";
import type { FailureKind } from "../engines/engine.ts";
import type { SlotFacts } from "../on-demand/facts.ts";
import { idlePorts } from "../on-demand/idle.ts";
import { choosePlacement, isEvictable, isFree } from "../on-demand/placement.ts";
import {
  type Effect,
  emptySlot,
  type Failure,
  type SlotEvent,
  type SlotState,
  transition,
  type Wish,
} from "../state.ts";

export const paperPolicy = { maxCrashes: 3, firstBackoffMs: 100, maxBackoffMs: 400, healthyAfterMs: 2_000 };
export const pinnedModel = "pinned.gguf";
const idleS = 5;

export interface PaperSlot {
  port: number;
  state: SlotState;
  /** The process that there is, by the generation that started it. */
  process: { generation: number; isStopping: boolean } | null;
  requests: number;
  lastUsedMs: number;
  /** Monotonic; set while a restart is due. */
  retryDueMs: number | null;
}

export class PaperHouse {
  nowMs = 0;
  /** Requests that lost their engine because something was unloaded for another, or for being idle. */
  disturbed = 0;
  readonly slots: PaperSlot[];
  readonly config: Config;

  constructor(count: number, evict: boolean) {
    const ports = Array.from({ length: count }, (_, index) => index + 1);
    this.slots = ports.map((port) => ({
      port,
      state: emptySlot,
      process: null,
      requests: 0,
      lastUsedMs: 0,
      retryDueMs: null,
    }));
    this.config = configSchema.parse({
      slots: {},
      admin_key: "sk-test-test-test-test-test",
      session_secret: "x".repeat(32),
      idle_unload_s: idleS,
      auto_load: { evict },
      models: { [pinnedModel]: { pinned: true } },
    });
  }

  at(index: number): PaperSlot {
    const slot = this.slots[index % this.slots.length];
    if (!slot) throw new Error("There is no slot.");
    return slot;
  }

  facts(): SlotFacts[] {
    return this.slots.map(({ port, state, requests, lastUsedMs }) => {
      const modelId = state.wish?.request.model_path ?? null;
      return {
        port,
        status: state.status,
        origin: state.wish?.origin ?? null,
        modelId,
        isGuest: state.wish?.origin === "demand",
        requests,
        isPinned: modelId === pinnedModel,
        isRemote: false,
        lastUsedMs: state.status === "ready" ? lastUsedMs : null,
        isReserved: false,
      };
    });
  }

  want(slot: PaperSlot, wish: Wish | null): void {
    this.send(slot, { kind: "want", wish });
  }

  /** As OnDemand does; where room must be made first, the next demand will find it. */
  demand(model: string): void {
    const serves = ({ state }: PaperSlot) =>
      state.status !== "failed" && state.wish?.request.model_path === model;
    if (this.slots.some(serves)) return;
    const rules = { evict: this.config.auto_load.evict, ownPort: null };
    const [placement] = choosePlacement(this.facts(), rules).placements;
    if (!placement) return;
    this.#emptyAll(placement.unload);
    const target = this.slots.find(({ port }) => port === placement.port);
    const facts = this.facts().find(({ port }) => port === placement.port);
    if (target && facts && isFree(facts))
      this.want(target, { request: { model_path: model }, origin: "demand" });
  }

  unloadIdle(): void {
    this.#emptyAll(idlePorts(this.facts(), this.config, this.nowMs));
  }

  begin(slot: PaperSlot): void {
    if (slot.state.status !== "ready") return;
    slot.requests++;
    slot.lastUsedMs = this.nowMs;
  }

  finish(slot: PaperSlot): void {
    if (slot.requests === 0) return;
    slot.requests--;
    slot.lastUsedMs = this.nowMs;
  }

  /** The start under way succeeds. */
  succeed(slot: PaperSlot): void {
    if (!slot.process || slot.process.isStopping) return;
    if (slot.state.status === "starting") slot.lastUsedMs = this.nowMs;
    this.send(slot, { kind: "ready", generation: slot.process.generation });
  }

  /** The process ends, whatever it was doing. */
  end(slot: PaperSlot, kind: FailureKind): void {
    if (!slot.process) return;
    const { generation, isStopping } = slot.process;
    slot.process = null;
    slot.requests = 0;
    const failure = failureOf(kind);
    this.send(slot, isStopping ? { kind: "stopped", generation } : { kind: "ended", generation, failure });
  }

  /** News of a process that is long gone. */
  late(slot: PaperSlot, back: number): void {
    const generation = slot.state.generation - 1 - back;
    this.send(slot, { kind: "ended", generation, failure: failureOf("exited") });
    this.send(slot, { kind: "ready", generation });
    this.send(slot, { kind: "stopped", generation });
    this.send(slot, { kind: "retry", generation });
  }

  pass(ms: number): void {
    this.nowMs += ms;
    for (const slot of this.slots)
      if (slot.retryDueMs !== null && slot.retryDueMs <= this.nowMs) {
        slot.retryDueMs = null;
        this.send(slot, { kind: "retry", generation: slot.state.generation });
      }
  }

  send(slot: PaperSlot, event: SlotEvent): void {
    const { state, effect } = transition(slot.state, event, this.nowMs, paperPolicy);
    slot.state = state;
    if (state.status !== "crashed") slot.retryDueMs = null;
    if (effect) this.#carryOut(slot, effect);
  }

  #carryOut(slot: PaperSlot, effect: Effect): void {
    if (effect.kind === "retry") slot.retryDueMs = this.nowMs + effect.afterMs;
    if (effect.kind === "stop" && slot.process) slot.process.isStopping = true;
    if (effect.kind !== "start") return;
    if (slot.process) throw new Error(`Two engines in slot ${slot.port}.`);
    slot.process = { generation: effect.generation, isStopping: false };
  }

  #emptyAll(ports: readonly number[]): void {
    for (const slot of this.slots.filter(({ port }) => ports.includes(port))) {
      this.disturbed += slot.requests;
      const facts = this.facts().find(({ port }) => port === slot.port);
      if (!facts || !isEvictable(facts)) throw new Error(`Slot ${slot.port} is not to be emptied.`);
      this.want(slot, null);
    }
  }
}

function failureOf(kind: FailureKind): Failure {
  return { kind, cause: kind, message: kind, nextStep: null };
}
