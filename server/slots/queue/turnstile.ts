/** The line before one model: every slot that runs it serves the same line. */
import { GatewayError } from "../../../lib/errors.ts";
import { clientLeft } from "../../../lib/gateway/forward.ts";
import type { Lease, LeaseOptions, QueueSnapshot, SlotStatus } from "../../../lib/slots/types.ts";
import type { Gate } from "./gate.ts";
import { FairOrder, type Party } from "./order.ts";

/** A slot that runs this model, or will. */
export interface Server {
  port: number;
  status: SlotStatus;
  /** Its running engine. */
  gate: Gate | null;
  /** When it is started again, after a crash; monotonic. */
  retryAtMs: number | null;
}

export interface QueueLimits {
  /** Waiting requests for each slot. */
  maxWaiting: number;
  deadlineMs: number;
}

/** The model is being loaded because of who waits here. */
export interface Loading {
  /** How long that may keep anybody waiting; the time in line counts from its end. */
  deadlineMs: number;
  /** When it is expected to be done (monotonic); null while nothing is known of it. */
  readyAtMs: number | null;
}

interface Waiter {
  party: Party;
  options: LeaseOptions;
  sinceMs: number;
  /** It gives up after as long a time from now. */
  limit(deadlineMs: number): void;
  resolve(lease: Lease): void;
  reject(error: GatewayError): void;
}

/** How much of the average a new duration makes up. */
const newShare = 0.2;
/** Where nothing better is known. */
const defaultRetryAfterS = 5;
const maxRetryAfterS = 60;

export class Turnstile {
  readonly servers = new Set<Server>();
  loading: Loading | null = null;
  readonly #order = new FairOrder<Waiter>();
  #averageHeldMs: number | null = null;
  #telling: NodeJS.Immediate | null = null;

  constructor(
    readonly modelId: string,
    readonly limits: () => QueueLimits,
  ) {}

  get waiting(): number {
    return this.#order.size;
  }

  /**
   * A turn: at once, without a promise, when a sequence is free and nobody waits.
   * @throws GatewayError `queue_full`, `engine_unavailable`, `client_closed`: all before any waiting
   */
  lease(options: LeaseOptions): Lease | Promise<Lease> {
    const gate = this.#order.size === 0 ? this.#leastBusy(options.sequences) : null;
    if (gate) return gate.grant(0, options);
    const { maxWaiting, deadlineMs } = this.limits();
    const servers = [...this.servers].filter(({ status }) => status !== "crashed");
    if (servers.length === 0 && !this.loading) throw this.#crashed();
    if (!this.#hasPlace(options, maxWaiting * Math.max(1, servers.length))) throw this.#full();
    if (options.signal.aborted) throw clientLeft();
    return this.#wait(options, this.loading?.deadlineMs ?? deadlineMs);
  }

  /** The model has been loaded, or will not be: from now on who waits has the usual time. */
  endLoading(): void {
    if (!this.loading) return;
    this.loading = null;
    const { deadlineMs } = this.limits();
    for (const waiter of this.#order) waiter.limit(deadlineMs);
  }

  /**
   * Lets waiters through as long as there is room for the first of them: one that needs several sequences is not passed
   * by others that need fewer, or it might wait for ever. Call it after every change of a server.
   */
  serve(): void {
    let served = false;
    for (let first = this.#order.first(); first; first = this.#order.first()) {
      const gate = this.#leastBusy(first.options.sequences);
      if (!gate) break;
      this.#order.next();
      first.resolve(gate.grant(performance.now() - first.sinceMs, first.options));
      served = true;
    }
    if (served) this.#tellPlaces();
  }

  /** Who waits, in the order in which they are served if nobody else comes. */
  requests(nowMs: number): QueueSnapshot["lines"][number]["waiting"] {
    return [...this.#order].flatMap(({ options, sinceMs }) =>
      options.request ? { ...options.request, waitedMs: nowMs - sinceMs } : [],
    );
  }

  /** A sequence was used for so long: the next expectation learns from it. */
  learn(heldMs: number): void {
    const before = this.#averageHeldMs ?? heldMs;
    this.#averageHeldMs = before + newShare * (heldMs - before);
  }

  /** Sends everybody away. */
  close(error: GatewayError | ((options: LeaseOptions) => GatewayError)): void {
    for (let waiter = this.#order.next(); waiter; waiter = this.#order.next())
      waiter.reject(typeof error === "function" ? error(waiter.options) : error);
  }

  /** A key of which nobody waits gets a place in a full line, too: another one alone could have filled it. */
  #hasPlace(party: Party, maxWaiting: number): boolean {
    const { size } = this.#order;
    return size < maxWaiting || (size < maxWaiting * 2 && !this.#order.has(party));
  }

  /** An engine that has as many sequences comes before any other: some requests cannot be answered by fewer. */
  #leastBusy(sequences = 1): Gate | null {
    const isWide = ({ gate }: Server) => gate !== null && gate.facts.capacity >= sequences;
    const needsWide = sequences > 1 && [...this.servers].some(isWide);
    let best: Gate | null = null;
    for (const server of this.servers) {
      const { gate } = server;
      if (!gate?.hasRoom(sequences) || (needsWide && !isWide(server))) continue;
      if (best === null || gate.load < best.load) best = gate;
    }
    return best;
  }

  #wait(options: LeaseOptions, deadlineMs: number): Promise<Lease> {
    return new Promise((resolve, reject) => {
      let deadline: NodeJS.Timeout | undefined;
      const leave = () => {
        clearTimeout(deadline);
        options.signal.removeEventListener("abort", onAbort);
      };
      const waiter: Waiter = {
        party: { keyId: options.keyId, priority: options.priority },
        options,
        sinceMs: performance.now(),
        limit: (ms) => {
          clearTimeout(deadline);
          deadline = setTimeout(() => giveUp(this.#tooLate(ms)), ms);
        },
        resolve: (lease) => {
          leave();
          resolve(lease);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const giveUp = (error: GatewayError) => {
        this.#order.remove(waiter);
        waiter.reject(error);
        this.serve(); // It may have been the one that all others had to wait for.
        this.#tellPlaces();
      };
      const onAbort = () => giveUp(clientLeft());
      waiter.limit(deadlineMs);
      options.signal.addEventListener("abort", onAbort, { once: true });
      this.#order.add(waiter);
      options.onQueued?.(this.#order.size, this.#expectedMs(this.#order.size), this.loading !== null);
      this.serve(); // It may go before one that there is no room for yet.
    });
  }

  /** Tells everybody the place and what to expect. */
  tell(): void {
    let place = 0;
    for (const { options } of this.#order)
      options.onQueued?.(++place, this.#expectedMs(place), this.loading !== null);
  }

  /** Once for all that leave in the same moment: the whole line is told. */
  #tellPlaces(): void {
    this.#telling ??= setImmediate(() => {
      this.#telling = null;
      this.tell();
    });
  }

  /** Every sequence takes one from the line when it is done: `capacity` of them in the average time. */
  #expectedMs(place: number): number | null {
    if (this.loading) return this.#untilLoadedMs(this.loading);
    const capacity = [...this.servers].reduce((sum, { gate }) => sum + (gate?.facts.capacity ?? 0), 0);
    if (this.#averageHeldMs === null || capacity === 0) return null;
    return (this.#averageHeldMs * place) / capacity;
  }

  /** A load that takes longer than expected will take who knows how long. */
  #untilLoadedMs({ readyAtMs }: Loading): number | null {
    const leftMs = readyAtMs === null ? 0 : readyAtMs - performance.now();
    return leftMs > 0 ? leftMs : null;
  }

  #full(): GatewayError {
    const expectedMs = this.#expectedMs(this.#order.size);
    return new GatewayError("queue_full", `Too many requests wait for the model '${this.modelId}'.`, {
      retryAfterS: retryAfterS(expectedMs),
    });
  }

  #crashed(): GatewayError {
    const retryAtMs = Math.min(
      ...[...this.servers].map((server) => server.retryAtMs ?? Number.POSITIVE_INFINITY),
    );
    const message = `The engine of the model '${this.modelId}' crashed and is being restarted.`;
    return new GatewayError("engine_unavailable", message, {
      retryAfterS: retryAfterS(Number.isFinite(retryAtMs) ? retryAtMs - performance.now() : null),
    });
  }

  #tooLate(deadlineMs: number): GatewayError {
    const ready = [...this.servers].some(({ gate }) => gate !== null);
    const reason = ready ? "was busy" : "was not ready";
    const message = `The model '${this.modelId}' ${reason} for ${Math.round(deadlineMs / 1000)} s.`;
    return new GatewayError("engine_unavailable", message, { retryAfterS: retryAfterS(this.#expectedMs(1)) });
  }
}

function retryAfterS(expectedMs: number | null): number {
  if (expectedMs === null) return defaultRetryAfterS;
  return Math.min(maxRetryAfterS, Math.max(1, Math.ceil(expectedMs / 1000)));
}
