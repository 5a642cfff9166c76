/** Stages lease to settle: one request on one engine, streamed to the client or gathered for it. */
import { GatewayError, isGatewayError, toGatewayError } from "../errors.ts";
import { noUsage, type Usage } from "../openai/usage.ts";
import { runtime } from "../runtime.ts";
import type { Engine, LeaseOptions, WaitingRequest } from "../slots/types.ts";
import { type Admitted, usageSoFar, waitingRequest } from "./admitted.ts";
import { ClientStream } from "./client-stream.ts";
import type { BaseCall, Endpoint, Grant, StreamReader, WholeReader } from "./endpoint.ts";
import type { Exchange } from "./exchange.ts";
import { type AnswerSink, forward, wasUnasked } from "./forward.ts";
import { errorEvent, wholeResponse } from "./reply.ts";
import { settle } from "./settle.ts";

type OnQueued = NonNullable<LeaseOptions["onQueued"]>;
type MakeStreamReader<Call> = (call: Call, grant: Grant) => StreamReader;

/**
 * Streams the answer. The response comes with the engine's first event, or after 10 s with comments until then.
 * @throws GatewayError when the request fails before its status was sent
 */
export function streamAnswer<Call extends BaseCall>(
  endpoint: Endpoint<Call>,
  readerFor: MakeStreamReader<Call>,
  call: Call,
  admitted: Admitted,
): Promise<Response> {
  const client = new ClientStream(admitted.exchange);
  produceStream(endpoint, readerFor, call, admitted, client).catch((error) => {
    // Open here means that not even the failure could be settled.
    if (client.isOpen) finishWithError(client, admitted, toGatewayError(error));
    else client.fail(error);
  });
  return client.response;
}

/**
 * Runs to the end of the stream and settles it, whatever happens. Failures after the status become an event.
 * @throws GatewayError when it fails before that
 */
async function produceStream<Call extends BaseCall>(
  endpoint: Endpoint<Call>,
  readerFor: MakeStreamReader<Call>,
  call: Call,
  admitted: Admitted,
  client: ClientStream,
): Promise<void> {
  const { exchange, grant } = admitted;
  const send = (bytes: Buffer) => {
    exchange.firstTokenMs ??= performance.now() - exchange.startedMs;
    client.send(bytes);
  };
  const onQueued: OnQueued = (position, expectedMs, isLoading) => {
    client.status = describeQueue(position, expectedMs, isLoading);
  };
  try {
    const reader = readerFor(call, grant);
    admitted.reader = reader;
    client.onData = (bytes) => {
      reader.push(bytes, send);
      client.hasEnough = reader.hasEnough === true;
    };
    await askEngine(endpoint, call, admitted, () => client, onQueued);
    const closing = reader.closing(admitted.mediaCount);
    await settle(admitted, reader.usage(), null);
    client.finish(closing);
  } catch (error) {
    // Where not even the status went out, the client got nothing of it.
    const owed = client.isOpen || hasLeft(error) ? owedOfStream(admitted, error) : noUsage;
    const failure = await settleFailure(admitted, owed, error);
    if (!client.isOpen) throw failure;
    finishWithError(client, admitted, failure);
  }
}

function finishWithError(client: ClientStream, { exchange, reader }: Admitted, error: GatewayError): void {
  client.finish(errorEvent(exchange, error, reader?.eventsSent));
}

/**
 * Gives the whole answer at once.
 * @throws GatewayError when the request fails; it is settled by then
 */
export async function wholeAnswer<Call extends BaseCall>(
  endpoint: Endpoint<Call>,
  call: Call,
  admitted: Admitted,
): Promise<Response> {
  const { exchange, grant } = admitted;
  let reader: WholeReader | null = null;
  try {
    await askEngine(endpoint, call, admitted, (engine) => {
      reader = endpoint.wholeReader(call, grant, engine);
      admitted.reader = reader;
      return new Gathering(reader, exchange);
    });
    const body = answerOf(reader, admitted.mediaCount);
    const contentType = contentTypeOf(reader);
    const kept = admitted.turn ? await admitted.turn.keep(body, contentType) : null;
    await settle(admitted, usageSoFar(admitted), null, kept);
    return wholeResponse(exchange, body, contentType);
  } catch (error) {
    const { completionTokens } = usageSoFar(admitted);
    throw await settleFailure(admitted, owedWithoutAnswer(reader, error), error, completionTokens);
  }
}

/** Leases a sequence, sends the request, and gives the sequence back as soon as the engine is done with it. */
async function askEngine<Call extends BaseCall>(
  endpoint: Endpoint<Call>,
  call: Call,
  admitted: Admitted,
  sinkFor: (engine: Engine) => AnswerSink,
  onQueued?: OnQueued,
): Promise<void> {
  const { exchange, grant } = admitted;
  const { slots, config } = runtime();
  const preparing = endpoint.prepare?.(call, grant, exchange.departure);
  if (preparing) await preparing;
  const leased = slots.lease(grant.model.id, new PlaceInLine(admitted, onQueued));
  const lease = leased instanceof Promise ? await leased : leased;
  admitted.slotPort = lease.port;
  exchange.queueMs = lease.queuedMs;
  try {
    const sink = sinkFor(lease.engine);
    const request = endpoint.upstream(call, grant, lease.engine);
    if (!request) return;
    const counting = endpoint.countMedia?.(call, grant, lease.engine)?.then((count) => {
      admitted.mediaCount = count;
    });
    const stallMs = config.current.engine_stall_s * 1000;
    exchange.askedMs = performance.now();
    await forward(lease, request, exchange.departure, stallMs, sink);
    if (counting) await counting;
  } finally {
    exchange.answeredMs = performance.now();
    lease.release();
  }
}

/** Asks for the request's abort signal only when there is something to wait for: making one costs microseconds. */
class PlaceInLine implements LeaseOptions {
  readonly #admitted: Admitted;
  readonly onQueued: LeaseOptions["onQueued"];

  constructor(admitted: Admitted, onQueued: LeaseOptions["onQueued"]) {
    this.#admitted = admitted;
    this.onQueued = onQueued;
  }

  get keyId(): number {
    return this.#admitted.caller.key.id;
  }

  get priority(): number {
    return runtime().config.current.tiers[this.#admitted.caller.account.tier].priority;
  }

  get sequences(): number {
    return this.#admitted.grant.sequences;
  }

  get isAdmin(): boolean {
    return this.#admitted.caller.account.tier === "admin";
  }

  get request(): WaitingRequest {
    return waitingRequest(this.#admitted);
  }

  get signal(): AbortSignal {
    return this.#admitted.exchange.request.signal;
  }
}

/**
 * The way of an answer to its reader. A class, as an object with a getter of its own has a hidden class of its own, which
 * keeps all that the getter sees until the old generation is collected.
 */
class Gathering implements AnswerSink {
  readonly wantsMore = true;
  onDrain: (() => void) | null = null;
  onLeft: (() => void) | null = null;
  readonly #reader: WholeReader;
  readonly #exchange: Exchange;

  constructor(reader: WholeReader, exchange: Exchange) {
    this.#reader = reader;
    this.#exchange = exchange;
  }

  get hasEnough(): boolean {
    return this.#reader.hasEnough === true;
  }

  onData(bytes: Buffer): void {
    this.#reader.push(bytes);
    if (this.#reader.hasBegun) this.#exchange.firstTokenMs ??= performance.now() - this.#exchange.startedMs;
  }
}

/** Settles what a failed request owes; the error tells SDKs not to repeat what was already partly generated. */
async function settleFailure(
  admitted: Admitted,
  owed: Usage,
  error: unknown,
  generatedTokens = owed.completionTokens,
): Promise<GatewayError> {
  const failure = toGatewayError(error);
  await settle(admitted, owed, failure);
  if (generatedTokens === 0) return failure;
  return new GatewayError(failure.code, failure.message, {
    ...failure.options,
    cause: failure.cause,
    shouldRetry: false,
  });
}

function answerOf(reader: WholeReader | null, media: Admitted["mediaCount"]): string {
  if (!reader) throw new GatewayError("internal", "The gateway hit an internal error. Please try again.");
  return reader.answer(media);
}

function contentTypeOf(reader: WholeReader | null): string {
  return reader?.contentType ?? "application/json";
}

/** What was delivered; of a client that left before anything was, what its engine had begun to do. */
function owedOfStream(admitted: Admitted, error: unknown): Usage {
  const { reader, slotPort } = admitted;
  const asked = hasLeft(error) && slotPort !== null && !wasUnasked(error);
  return (asked && reader?.usageWhenLeft?.()) || usageSoFar(admitted);
}

/** What a client owes that did not get its answer: nothing, unless it was the one who left. */
function owedWithoutAnswer(reader: WholeReader | null, error: unknown): Usage {
  if (!reader || wasUnasked(error) || !hasLeft(error)) return noUsage;
  return reader.usageWhenLeft();
}

function hasLeft(error: unknown): boolean {
  return isGatewayError(error) && error.code === "client_closed";
}

/** While the model is loaded first, the time is that until it is ready. */
function describeQueue(position: number, expectedMs: number | null, isLoading: boolean): string {
  const expected = expectedMs === null ? "" : `, about ${Math.max(1, Math.round(expectedMs / 1000))} s`;
  return `${isLoading ? "loading the model, " : ""}queued ${position}${expected}`;
}
