/** Stage: one request to an engine and its answer back, with the engine held to the client's pace. */
import type { AnswerHandler as EngineAnswerHandler, RunningAnswer } from "../engine-http/connections.ts";
import { GatewayError, isGatewayError } from "../errors.ts";
import { engineRefusal } from "../openai/engine-errors.ts";
import type { Lease } from "../slots/types.ts";
import type { Departure } from "./departure.ts";
import type { UpstreamRequest } from "./endpoint.ts";

const maxRefusalBytes = 64 * 1024;
const pausedProgressMs = 1_000;

/** An engine that answers in one piece, or begins late, is silent all the while: it gets so many times what a stream gets. */
const wholeAnswerPatience = 5;

/** Takes an engine's successful answer as it comes. */
export interface AnswerSink {
  /** @throws GatewayError to give the answer up, which also ends the engine's work */
  onData(bytes: Buffer): void;
  /** True when the engine's work can be given up, as all that is wanted of it has come. Absent: never. */
  readonly hasEnough?: boolean;
  /** False while the client is not keeping up: the engine is paused until `onDrain` runs. */
  readonly wantsMore: boolean;
  onDrain: (() => void) | null;
  /** Called by the sink when its client is gone. */
  onLeft: (() => void) | null;
}

/**
 * Sends a request and feeds the answer to `sink`; resolves when the engine has sent all of it, or the sink has enough.
 * The client's leaving cancels the engine's work at once.
 * @throws GatewayError `client_closed`, `engine_crashed`, `engine_timeout`, or what the engine refused with
 */
export function forward(
  lease: Lease,
  request: UpstreamRequest,
  departure: Departure,
  stallMs: number,
  sink: AnswerSink,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (departure.hasLeft) {
      reject(clientLeft(unasked));
      return;
    }
    const { engine } = lease;
    const showsWork = request.isStreamed && !request.beginsLate;
    const patienceMs = showsWork ? stallMs : stallMs * wholeAnswerPatience;
    const handler = new AnswerHandler(lease, departure, patienceMs, request.input, sink, resolve, reject);
    // The supervisor watches engines that report their progress, and ends those that hang.
    if (!showsWork || !engine.reportsProgress) handler.watch(patienceMs);
    const path = engine.pathPrefix + request.path;
    const { body, form } = request;
    handler.running = engine.connections.post(path, form?.pieces ?? body, handler, form?.contentType);
  });
}

class AnswerHandler implements EngineAnswerHandler {
  running: RunningAnswer | null = null;
  #status = 0;
  #refusal: Buffer[] = [];
  #refusalBytes = 0;
  #lastProgressMs = performance.now();
  #ended = false;
  #stallTimer: NodeJS.Timeout | undefined;
  #pausedTimer: NodeJS.Timeout | undefined;
  readonly #stopListening: () => void;
  readonly #onLeft = () => this.#giveUp(clientLeft(this.running?.hasSent ? undefined : unasked));

  constructor(
    readonly lease: Lease,
    readonly departure: Departure,
    readonly stallMs: number,
    readonly input: string | undefined,
    readonly sink: AnswerSink,
    readonly resolve: () => void,
    readonly reject: (error: unknown) => void,
  ) {
    this.#stopListening = departure.listen(this.#onLeft);
    sink.onLeft = this.#onLeft;
  }

  onHead(status: number): void {
    this.#status = status;
    this.#progressed();
  }

  onData(passing: Buffer): void {
    const bytes = Buffer.from(passing);
    this.#progressed();
    if (this.#status !== 200) {
      this.#refusalBytes += bytes.length;
      if (this.#refusalBytes <= maxRefusalBytes) this.#refusal.push(bytes);
      else this.#giveUp(this.#refused());
      return;
    }
    try {
      this.sink.onData(bytes);
    } catch (error) {
      this.#giveUp(error);
      return;
    }
    if (this.sink.hasEnough) this.#giveUp(null);
    else if (!this.sink.wantsMore) this.#pause();
  }

  onEnd(): void {
    this.#end(this.#status === 200 ? null : this.#refused());
  }

  #refused(): GatewayError {
    const body = Buffer.concat(this.#refusal).toString("utf8");
    return engineRefusal(this.#status, body, this.lease.engine.kind === "llama-server", this.input);
  }

  onError(error: Error): void {
    if (this.#ended) return;
    const silentMs = performance.now() - this.#lastProgressMs;
    this.lease.suspect("connection_lost");
    this.#end(
      silentMs >= this.stallMs
        ? stalled(error)
        : new GatewayError("engine_crashed", "The engine behind this model ended while it was answering.", {
            cause: error,
          }),
    );
  }

  /** Gives up when nothing has come for as long as a stall takes. Set again only when it fires: chunks cost nothing. */
  watch(afterMs: number): void {
    this.#stallTimer = setTimeout(() => {
      const leftMs = this.#lastProgressMs + this.stallMs - performance.now();
      if (leftMs > 0) this.watch(leftMs);
      else {
        this.lease.suspect("stalled");
        this.#giveUp(stalled());
      }
    }, afterMs);
  }

  /** Holds the engine until the client has read. Meanwhile the silence is no stall of the engine's. */
  #pause(): void {
    if (this.sink.onDrain) return; // What was read already still comes.
    this.running?.pause();
    this.#pausedTimer = setInterval(() => this.#held(), pausedProgressMs);
    this.sink.onDrain = () => {
      clearInterval(this.#pausedTimer);
      this.#held();
      this.running?.resume();
    };
  }

  #progressed(): void {
    this.#lastProgressMs = performance.now();
    this.lease.progressed();
  }

  #held(): void {
    this.#lastProgressMs = performance.now();
    this.lease.held();
  }

  /** @param error null where the request ends well all the same */
  #giveUp(error: unknown): void {
    if (this.#ended) return;
    this.#end(error);
    this.running?.abort();
  }

  #end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopListening();
    clearTimeout(this.#stallTimer);
    clearInterval(this.#pausedTimer);
    this.sink.onDrain = null;
    this.sink.onLeft = null;
    if (error === null) this.resolve();
    else this.reject(withoutKey(error, this.lease.engine.headers));
  }
}

/** Engines quote the key that they refuse. It is the operator's, and neither a client nor the log may see it. */
function withoutKey(error: unknown, engineHeaders: readonly string[]): unknown {
  const key = engineHeaders.find((value) => value.startsWith("Bearer "))?.slice("Bearer ".length);
  if (!key || !isGatewayError(error)) return error;
  const cause = typeof error.cause === "string" ? error.cause.replaceAll(key, "(key)") : error.cause;
  return new GatewayError(error.code, error.message.replaceAll(key, "(key)"), { ...error.options, cause });
}

function stalled(cause?: unknown): GatewayError {
  return new GatewayError("engine_timeout", "The engine behind this model stopped answering.", { cause });
}

/** Why some who leave owe nothing: the engine has not heard of them. */
const unasked = new Error("The engine had not been asked.");

/** True for the error of a client that left before anything of its request could reach an engine. */
export function wasUnasked(error: unknown): boolean {
  return isGatewayError(error) && error.cause === unasked;
}

/** The error that ends a request whose client is gone; nobody reads it, but the usage row says so. */
export function clientLeft(cause?: unknown): GatewayError {
  return new GatewayError("client_closed", "The client closed the connection.", { cause });
}
