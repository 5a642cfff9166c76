/** One request to a text model, and when its tokens came. */
import { z } from "zod";
import type { AnswerTimes } from "../../lib/benchmarks/figures.ts";
import { GatewayError } from "../../lib/errors.ts";
import { Departure } from "../../lib/gateway/departure.ts";
import type { UpstreamRequest } from "../../lib/gateway/endpoint.ts";
import { type AnswerSink, forward } from "../../lib/gateway/forward.ts";
import { done, EventSplitter, eventData } from "../../lib/openai/sse.ts";
import { type Usage, usageFromTimings, usageFromWire } from "../../lib/openai/usage.ts";
import type { Engine, Lease } from "../../lib/slots/types.ts";

const text = z.string().nullish();
const chunkSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        text,
        delta: z.looseObject({ content: text, reasoning_content: text, reasoning: text }).nullish(),
      }),
    )
    .default([]),
  usage: z.unknown().optional(),
  timings: z.unknown().optional(),
  error: z.unknown().optional(),
});
type Chunk = z.infer<typeof chunkSchema>;

export interface TimedAnswer extends AnswerTimes {
  promptTokens: number;
  /** The engine did not count. */
  estimated: boolean;
}

export interface Asking {
  signal: AbortSignal;
  stallMs: number;
}

/**
 * Asks for an answer of so many tokens.
 * @throws GatewayError when the engine refuses, ends, hangs or says nothing; `client_closed` when the signal aborts
 */
export async function timedAnswer(
  lease: Lease,
  prompt: string,
  outputTokens: number,
  { signal, stallMs }: Asking,
): Promise<TimedAnswer> {
  const clock = new AnswerClock();
  const request = answerRequest(lease.engine, prompt, outputTokens);
  const departure = new Departure(new Request("http://gateway.internal/", { signal }));
  const sentMs = performance.now();
  await forward(lease, request, departure, stallMs, clock);
  return clock.times(sentMs, performance.now());
}

/**
 * llama-server is asked to go on a text, without its cache and past the answer's natural end. Of other servers only the
 * chat is known, and that parameters they do not know can be refused.
 */
export function answerRequest(engine: Engine, prompt: string, outputTokens: number): UpstreamRequest {
  const common = {
    model: engine.upstreamModel,
    max_tokens: outputTokens,
    stream: true,
    stream_options: { include_usage: true },
  };
  const isOurs = engine.kind === "llama-server";
  const own = {
    prompt,
    ignore_eos: true,
    cache_prompt: false,
    timings_per_token: true,
    return_progress: true,
  };
  const content = `Write a story without an end in which these words occur: ${prompt}`;
  const body = isOurs ? { ...common, ...own } : { ...common, messages: [{ role: "user", content }] };
  const path = isOurs ? "/completions" : "/chat/completions";
  return { path, body: JSON.stringify(body), isStreamed: true };
}

/** Notes when tokens come. By llama-server's own count where it gives one; else each piece of text counts. */
export class AnswerClock implements AnswerSink {
  readonly wantsMore = true;
  onDrain: (() => void) | null = null;
  onLeft: (() => void) | null = null;
  readonly #events = new EventSplitter();
  #pieces = 0;
  /** Tokens by the engine's own count while it writes. */
  #written = 0;
  #firstWritten = 0;
  #firstMs: number | null = null;
  #lastMs = 0;
  #usage: Usage | null = null;
  #timings: Usage | null = null;

  onData(bytes: Buffer): void {
    this.take(bytes, performance.now());
  }

  /** @throws GatewayError for an error that comes as an event, and for what is no JSON */
  take(bytes: Buffer, nowMs: number): void {
    this.#events.push(bytes, (event) => {
      const data = eventData(event);
      if (data !== null && data !== done) this.#read(parseChunk(data), nowMs);
    });
  }

  /** @throws GatewayError for an answer without a token */
  times(sentMs: number, endedMs: number): TimedAnswer {
    const counted = this.#usage ?? this.#timings;
    const outputTokens = counted?.completionTokens || this.#pieces;
    if (outputTokens === 0) throw new GatewayError("engine_crashed", "The engine answered without a word.");
    const firstMs = this.#firstMs ?? endedMs;
    return {
      sentMs,
      firstMs,
      lastMs: this.#firstMs === null ? endedMs : this.#lastMs,
      promptTokens: counted?.promptTokens ?? 0,
      readTokens: counted ? counted.promptTokens - counted.cachedTokens : 0,
      outputTokens,
      firstTokens: this.#firstTokens(outputTokens),
      estimated: counted === null,
    };
  }

  /** Servers may send several tokens in a piece: then the first one probably has as many as the others. */
  #firstTokens(outputTokens: number): number {
    if (this.#firstWritten > 0) return this.#firstWritten;
    return this.#pieces === 0 ? outputTokens : Math.max(1, Math.round(outputTokens / this.#pieces));
  }

  #read(chunk: Chunk, nowMs: number): void {
    if (chunk.error != null)
      throw new GatewayError("engine_crashed", "The engine behind this model reported an error.", {
        cause: chunk.error,
      });
    this.#usage = usageFromWire(chunk.usage) ?? this.#usage;
    const timings = usageFromTimings(chunk.timings);
    const isNew = timings ? timings.completionTokens > this.#written : hasText(chunk);
    if (timings) {
      this.#timings = timings;
      this.#written = timings.completionTokens;
    }
    if (!isNew) return;
    this.#pieces++;
    if (this.#firstMs === null) {
      this.#firstMs = nowMs;
      this.#firstWritten = this.#written;
    }
    this.#lastMs = nowMs;
  }
}

function hasText({ choices }: Chunk): boolean {
  return choices.some((choice) =>
    [choice.text, choice.delta?.content, choice.delta?.reasoning_content, choice.delta?.reasoning].some(
      Boolean,
    ),
  );
}

function parseChunk(data: string): Chunk {
  try {
    return chunkSchema.parse(JSON.parse(data));
  } catch (error) {
    throw new GatewayError("engine_crashed", "The engine behind this model sent what is no answer.", {
      cause: error,
    });
  }
}
