/** What distinguishes one `/v1` endpoint from another. Everything else is the same way through (pipeline.ts). */
import type { z } from "zod";
import type { Config } from "../config/schema.ts";
import type { TextBounds } from "../json-text.ts";
import type { UsagePricing } from "../money/nanos.ts";
import type { WrittenForm } from "../multipart/write.ts";
import type { MediaCount, Usage } from "../openai/usage.ts";
import type { Capability, Engine, RoutableModel } from "../slots/types.ts";
import type { Departure } from "./departure.ts";
import type { ErrorDialect } from "./error-dialect.ts";
import type { NamedRequest } from "./idempotency/named-request.ts";
import type { Reservation } from "./limits/commitments.ts";
import type { TokenWindowState } from "./limits/token-window.ts";
import type { ReadCall } from "./read-call.ts";

/** What every call names, whatever the endpoint. */
export interface BaseCall {
  model?: string | null;
  stream?: boolean | null;
}

/** What admission granted: the model that will answer, and how much it may write. */
export interface Grant {
  model: RoutableModel;
  /** Tokens of each choice: what the client asked for, at most the tier's cap and what the balance affords. */
  maxOutputTokens: number;
  /** What the model costs, as it was when the request came. */
  pricing: UsagePricing;
  /** Prompts or answers that an engine may work on at once. */
  sequences: number;
  /** The seconds of sound that the request is charged for; null where it is charged by tokens. */
  soundSeconds: number | null;
  /** What is set aside until the request is settled. */
  reservation: Reservation;
  /** What the caller's limit on tokens per minute has left; null where none applies. */
  tokens: TokenWindowState | null;
}

export interface UpstreamRequest {
  /** Below the engine's prefix, as `/chat/completions`. */
  path: string;
  /** JSON, made of allow-listed parameters only. */
  body: string;
  /** Sent instead of `body` where the engine takes no JSON. */
  form?: WrittenForm;
  /** Whether the engine is asked for a stream, which shows its progress. */
  isStreamed: boolean;
  /** True where the engine shows nothing of its work until the answer begins, though that is streamed. */
  beginsLate?: boolean;
  /** The field of the call that the model reads, for errors about its length; absent: `messages`. */
  input?: string;
}

/** Passes an engine's events on to a client that streams, and counts what they cost. */
export interface StreamReader {
  /**
   * Takes what the engine sent; hands on what the client gets now.
   * @throws GatewayError when the engine reports an error of its own
   */
  push(chunk: Buffer, send: (bytes: Buffer) => void): void;
  /** True when the answer is whole before the engine has ended it: then its work is given up. Absent: never. */
  readonly hasEnough?: boolean;
  /**
   * What closes the stream; sent when the charge is committed.
   * @param media what the gateway found out of the prompt's images and sounds
   * @throws GatewayError when the engine ended before its answer was whole
   */
  closing(media?: MediaCount | null): Buffer;
  /** What has been used so far, by the engine's own count where it gives one. */
  usage(): Usage;
  /** As of a WholeReader; asked only where an engine had the request. Absent: `usage`. */
  usageWhenLeft?(): Usage;
  /** How many events went to the client, where its API numbers them. */
  readonly eventsSent?: number;
}

/** Gathers what an engine sends into one answer for a client that does not stream. */
export interface WholeReader {
  /** @throws GatewayError when the engine reports an error of its own */
  push(chunk: Buffer): void;
  /** True once a part of the answer has come. */
  readonly hasBegun: boolean;
  /** As of a StreamReader. */
  readonly hasEnough?: boolean;
  /** Of the answer, where that is no JSON. */
  readonly contentType?: string;
  /**
   * The answer: JSON, or text of `contentType`.
   * @param media as of a StreamReader
   * @throws GatewayError when the engine ended before its answer was whole
   */
  answer(media?: MediaCount | null): string;
  /** What has been used so far. */
  usage(): Usage;
  /** What a client owes that left before its answer came: an engine that answers in one piece has told nothing by then. */
  usageWhenLeft(): Usage;
}

/** How an endpoint takes JSON, as most do. */
interface JsonBody<Call> {
  /** What the client may send. */
  schema: z.ZodType<Call>;
  /** How much its body may hold, where that is not what a chat may. */
  bounds?: TextBounds;
  readBody?: undefined;
}

/** How one takes something else. */
interface OtherBody<Call> {
  /**
   * Reads the body within its limit, parsed and checked.
   * @param named takes what the body says
   * @throws GatewayError 400, 413, 415, `client_closed`
   */
  readBody(request: Request, limits: Config["limits"], named: NamedRequest | null): Promise<ReadCall<Call>>;
}

/** One endpoint: data and a few small functions. */
export type Endpoint<Call extends BaseCall> = JsonEndpoint<Call> | FormEndpoint<Call>;

export type JsonEndpoint<Call extends BaseCall> = CommonEndpoint<Call> & JsonBody<Call>;
export type FormEndpoint<Call extends BaseCall> = CommonEndpoint<Call> & OtherBody<Call>;

interface CommonEndpoint<Call extends BaseCall> {
  /** As in usage rows: `chat.completions`. */
  name: string;
  /** How its API writes errors, where that is not OpenAI's way. */
  errors?: ErrorDialect;
  /** What the model must be able to do. */
  needs(call: Call): readonly Capability[];
  /** The output tokens the client allows, or null where it sets no bound; 0 where nothing is generated. */
  outputTokens(call: Call): number | null;
  /** Prompts that the model reads one by one, each within its context; absent: 1. */
  prompts?(call: Call): number;
  /** Answers in all; absent: 1. */
  choices?(call: Call): number;
  /** Milliseconds of sound to transcribe; absent: none. */
  audioMs?(call: Call): number;
  /**
   * More tokens than the prompt can have: what is held for it.
   * @param bodyBytes of the whole body: no token has less than a byte
   */
  promptTokens(call: Call, bodyBytes: number): number;
  /**
   * What has to be done for a granted call before an engine is leased, as looking at its images. Absent: nothing.
   * @returns a promise only where something has to be waited for
   * @throws GatewayError for what cannot be used
   */
  prepare?(call: Call, grant: Grant, departure: Departure): Promise<void> | undefined;
  /**
   * Null where the engine is not asked, as its reader knows the answer.
   * @throws GatewayError 400 where this engine cannot do what the call asks
   */
  upstream(call: Call, grant: Grant, engine: Engine): UpstreamRequest | null;
  /**
   * Finds out what the call's images and sounds come to, for an engine that does not tell.
   * @returns resolves with null where that fails, never rejects; undefined where there is nothing to find out
   */
  countMedia?(call: Call, grant: Grant, engine: Engine): Promise<MediaCount | null> | undefined;
  /** Null for an endpoint that does not stream. */
  streamReader: ((call: Call, grant: Grant) => StreamReader) | null;
  wholeReader(call: Call, grant: Grant, engine: Engine): WholeReader;
}
