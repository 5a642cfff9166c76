/** Token counts as engines report them. */
import { z } from "zod";

/** What a request used. */
export interface Usage {
  promptTokens: number;
  /** Part of `promptTokens` that the engine found in its cache. */
  cachedTokens: number;
  completionTokens: number;
  /** What of the prompt was no text; absent where nothing was, or the engine does not tell. */
  media?: MediaUsage;
  /** True where the engine gave no count and the gateway had to estimate. */
  estimated: boolean;
}

/** What images and sounds of a request amount to. */
export interface MediaUsage {
  /** Parts of `promptTokens`. */
  imageTokens: number;
  audioTokens: number;
  /** Length of the sound that was transcribed. */
  audioMs: number;
}

/** The tokens of a prompt with some of its media left out: the rest of them is what those come to. */
export interface MediaCount {
  /** Without images and sounds. */
  textTokens: number;
  /** Without sounds; null unless there are both. */
  soundlessTokens: number | null;
  hasSounds: boolean;
}

/** A request that no engine worked on. */
export const noUsage: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, estimated: false };

/** More than any context holds: beyond it a count is nonsense, and its cost no exact number. */
const count = z.number().int().nonnegative().max(1_000_000_000);

/** OpenAI's `usage` object, as far as it is billed. Some servers write null for what they do not count, or not yet. */
export const wireUsage = z.looseObject({
  prompt_tokens: count,
  completion_tokens: count.nullish(),
  prompt_tokens_details: z
    .object({ cached_tokens: count.nullish(), image_tokens: count.nullish(), audio_tokens: count.nullish() })
    .nullish(),
});

/** llama-server's `timings`: exact counts in every chunk when `timings_per_token` is asked for. */
export const wireTimings = z.object({ cache_n: count, prompt_n: count, predicted_n: count });

/** The counts of an OpenAI `usage` object; null when it is none, or has none. */
export function usageFromWire(value: unknown): Usage | null {
  const parsed = wireUsage.safeParse(value);
  if (!parsed.success) return null;
  const details = parsed.data.prompt_tokens_details;
  const usage: Usage = {
    promptTokens: parsed.data.prompt_tokens,
    cachedTokens: details?.cached_tokens ?? 0,
    completionTokens: parsed.data.completion_tokens ?? 0,
    estimated: false,
  };
  const imageTokens = details?.image_tokens ?? 0;
  const audioTokens = details?.audio_tokens ?? 0;
  if (imageTokens > 0 || audioTokens > 0) usage.media = { imageTokens, audioTokens, audioMs: 0 };
  return usage;
}

/** The counts of llama-server's `timings`; null when it is none. The prompt is what was read plus what was cached. */
export function usageFromTimings(value: unknown): Usage | null {
  const parsed = wireTimings.safeParse(value);
  if (!parsed.success) return null;
  const { cache_n, prompt_n, predicted_n } = parsed.data;
  return {
    promptTokens: prompt_n + cache_n,
    cachedTokens: cache_n,
    completionTokens: predicted_n,
    estimated: false,
  };
}

/** The usage with what its media come to, where the engine did not tell and the gateway found out. */
export function withMedia(usage: Usage, count: MediaCount | null | undefined): Usage {
  if (usage.media || !count) return usage;
  const { textTokens, soundlessTokens, hasSounds } = count;
  const mediaTokens = Math.max(0, usage.promptTokens - textTokens);
  const ofImages = Math.max(0, (soundlessTokens ?? textTokens) - textTokens);
  const imageTokens = hasSounds ? Math.min(mediaTokens, ofImages) : mediaTokens;
  return { ...usage, media: { imageTokens, audioTokens: mediaTokens - imageTokens, audioMs: 0 } };
}

/** Adds the usage of another choice of the same request: the prompt is read, and so billed, once. */
export function addChoice(sum: Usage | null, choice: Usage): Usage {
  if (!sum) return choice;
  return {
    promptTokens: Math.max(sum.promptTokens, choice.promptTokens),
    cachedTokens: Math.min(sum.cachedTokens, choice.cachedTokens),
    completionTokens: sum.completionTokens + choice.completionTokens,
    media: sum.media ?? choice.media,
    estimated: sum.estimated || choice.estimated,
  };
}

/** OpenAI's `usage` object for the client. */
export function usageToWire(usage: Usage): Record<string, unknown> {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedTokens,
      audio_tokens: usage.media?.audioTokens,
      image_tokens: usage.media?.imageTokens,
    },
  };
}

/** OpenAI's `usage` object with what else the engine wrote into its own, where that is known and not null. */
export function engineUsageToWire(own: unknown, usage: Usage): Record<string, unknown> {
  const ours = usageToWire(usage);
  const theirs = knownMembers(own);
  const details = {
    ...knownMembers(ours.prompt_tokens_details),
    ...knownMembers(theirs.prompt_tokens_details),
  };
  return { ...ours, ...theirs, prompt_tokens_details: details };
}

function knownMembers(value: unknown): Record<string, unknown> {
  const members = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(members.filter(([, member]) => member != null));
}
