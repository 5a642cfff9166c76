/** The lines before all models, kept in step with the slots. */
import { GatewayError } from "../../../lib/errors.ts";
import type { LeaseOptions, QueueSnapshot } from "../../../lib/slots/types.ts";
import type { Slot } from "../slot.ts";
import { type Loading, type QueueLimits, type Server, Turnstile } from "./turnstile.ts";

export class Turnstiles {
  readonly #lines = new Map<string, Turnstile>();
  readonly #places = new Map<Slot, { line: Turnstile; server: Server }>();

  constructor(readonly limits: () => QueueLimits) {}

  /** The line before a model; undefined where no slot serves it. */
  get(modelId: string): Turnstile | undefined {
    return this.#lines.get(modelId);
  }

  /** A line before a model that a slot is being found for. */
  expect(modelId: string, loading: Loading): Turnstile {
    const line = this.#lineOf(modelId);
    line.loading = loading;
    return line;
  }

  /** The load that a line was made for has ended. Where no slot serves the line by now, everybody is sent away. */
  endLoading(line: Turnstile, errorFor: (options: LeaseOptions) => GatewayError): void {
    line.endLoading();
    if (line.servers.size > 0) return;
    this.#lines.delete(line.modelId);
    line.close(errorFor);
  }

  /** Requests in the line before a slot's model, whichever slot will serve them. */
  waitingBefore(slot: Slot): number {
    return this.#places.get(slot)?.line.waiting ?? 0;
  }

  /** Call it after every change of a slot. */
  sync(slot: Slot): void {
    const modelId = slot.serves();
    const place = this.#places.get(slot);
    if (place && place.line.modelId !== modelId) this.#leave(slot, place);
    if (modelId !== null) this.#serve(slot, modelId);
  }

  /** A sequence of this slot is free. */
  onRelease(slot: Slot, heldMs: number): void {
    const place = this.#places.get(slot);
    place?.line.learn(heldMs);
    place?.line.serve();
  }

  /** Requests that wait for this slot: a line before several slots counts for the first of them. */
  waitingFor(slot: Slot): number {
    const place = this.#places.get(slot);
    const [first] = place?.line.servers ?? [];
    return place && place.server === first ? place.line.waiting : 0;
  }

  get waiting(): number {
    return [...this.#lines.values()].reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** Every line with who waits in it, and what each engine works on. */
  snapshot(slots: readonly Slot[], nowMs: number): QueueSnapshot {
    const lines = [...this.#lines.values()].map((line) => ({
      model: line.modelId,
      ports: [...line.servers].map(({ port }) => port),
      waiting: line.requests(nowMs),
    }));
    const gates = slots.flatMap(({ gate }) => gate ?? []);
    const engines = gates.map((gate) => ({
      port: gate.facts.port,
      model: gate.facts.model.id,
      inFlight: gate.requests(nowMs),
    }));
    return { lines, engines };
  }

  close(error: GatewayError): void {
    for (const line of this.#lines.values()) line.close(error);
  }

  #serve(slot: Slot, modelId: string): void {
    const place = this.#places.get(slot) ?? this.#enter(slot, modelId);
    const { status, retryAtMs } = slot.state;
    Object.assign(place.server, { status, retryAtMs, gate: slot.gate });
    place.line.serve();
  }

  #enter(slot: Slot, modelId: string): { line: Turnstile; server: Server } {
    const line = this.#lineOf(modelId);
    const server: Server = { port: slot.port, status: slot.state.status, gate: null, retryAtMs: null };
    line.servers.add(server);
    const place = { line, server };
    this.#places.set(slot, place);
    return place;
  }

  #lineOf(modelId: string): Turnstile {
    const line = this.#lines.get(modelId) ?? new Turnstile(modelId, this.limits);
    this.#lines.set(modelId, line);
    return line;
  }

  #leave(slot: Slot, { line, server }: { line: Turnstile; server: Server }): void {
    this.#places.delete(slot);
    line.servers.delete(server);
    if (line.servers.size > 0 || line.loading) return;
    this.#lines.delete(line.modelId);
    const reason = slot.state.status === "failed" ? "cannot be run: its engine failed" : "was unloaded";
    line.close(new GatewayError("engine_unavailable", `The model '${line.modelId}' ${reason}.`));
  }
}
