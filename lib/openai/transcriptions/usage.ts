/** What a transcription used: as engines report it, as it is estimated, and as clients are told. */
import { z } from "zod";
import { estimatedTextTokens } from "../text-or-tokens.ts";
import { noUsage, type Usage } from "../usage.ts";
import type { TranscriptionCall } from "./call.ts";

/** More than any context holds: beyond it a count is nonsense. */
const count = z.number().int().nonnegative().max(1_000_000_000);

/** OpenAI's `usage`; llama-server calls the details by the name that they have in its responses API. */
const wireTokens = z.object({
  input_tokens: count,
  output_tokens: count,
  input_token_details: z.object({ audio_tokens: count.nullish(), text_tokens: count.nullish() }).nullish(),
  input_tokens_details: z.object({ cached_tokens: count.nullish() }).nullish(),
});

/** What OpenAI counts for a second of sound, and what a template puts around it: only estimates rest on them. */
const tokensPerSecond = 10;
const tokensAround = 30;

/** No encoder of Whisper's kind makes more of its window of 30 s, nor do others in use. */
const mostTokensPerWindow = 1_500;
const windowMs = 30_000;
const mostTokensAround = 512;

/** More tokens than the prompt can have: no token of text has less than a byte. */
export function transcriptionPromptBound({ sound, prompt }: TranscriptionCall): number {
  const windows = Math.ceil(sound.durationMs / windowMs);
  return mostTokensAround + Buffer.byteLength(prompt ?? "") + windows * mostTokensPerWindow;
}

/** Keeps the count of one request. */
export class TranscriptionCount {
  /** Pieces of text that came: nearly always a token each. */
  pieces = 0;
  #reported: Usage | null = null;
  readonly #call: TranscriptionCall;
  readonly #soundSeconds: number | null;

  /** @param soundSeconds what is charged by the second of sound, or null */
  constructor(call: TranscriptionCall, soundSeconds: number | null) {
    this.#call = call;
    this.#soundSeconds = soundSeconds;
  }

  /** Takes the engine's own `usage`, where it is one of tokens. */
  report(value: unknown): void {
    const parsed = wireTokens.safeParse(value);
    if (!parsed.success) return;
    const { input_tokens, output_tokens, input_token_details, input_tokens_details } = parsed.data;
    this.#reported = {
      promptTokens: input_tokens,
      cachedTokens: input_tokens_details?.cached_tokens ?? 0,
      completionTokens: output_tokens,
      media: this.#media(input_token_details?.audio_tokens ?? 0),
      estimated: false,
    };
  }

  /** Takes a text that came in one piece, from an engine that counts nothing. */
  estimate(text: string): void {
    this.#reported ??= this.#estimated(estimatedTextTokens(text));
  }

  /** Nothing until something came: an engine that failed has answered nothing. */
  usage(): Usage {
    return this.#reported ?? (this.pieces > 0 ? this.#estimated(this.pieces) : noUsage);
  }

  /** The engine reads all of a sound before its first word, and had this one. */
  usageWhenLeft(): Usage {
    return this.#reported ?? this.#estimated(this.pieces);
  }

  /** OpenAI's `usage`: of what is charged. */
  toWire(): Record<string, unknown> {
    const { promptTokens, completionTokens, cachedTokens, media, estimated } = this.usage();
    const seconds = this.#soundSeconds ?? Math.round(this.#call.sound.durationMs / 1000);
    if (this.#soundSeconds !== null || estimated) return { type: "duration", seconds };
    const audioTokens = media?.audioTokens ?? 0;
    const details =
      audioTokens > 0
        ? { audio_tokens: audioTokens, text_tokens: Math.max(0, promptTokens - audioTokens) }
        : { cached_tokens: cachedTokens };
    return {
      type: "tokens",
      input_tokens: promptTokens,
      output_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
      input_token_details: details,
    };
  }

  #estimated(completionTokens: number): Usage {
    const promptTokens = tokensAround + Math.ceil((this.#call.sound.durationMs / 1000) * tokensPerSecond);
    return { promptTokens, cachedTokens: 0, completionTokens, media: this.#media(0), estimated: true };
  }

  #media(audioTokens: number) {
    return { imageTokens: 0, audioTokens, audioMs: this.#call.sound.durationMs };
  }
}
