/** What the choices of one completions request cost together. */
import { tokenTimings } from "../chat/token-event.ts";
import { estimatedTokens } from "../text-or-tokens.ts";
import {
  addChoice,
  engineUsageToWire,
  noUsage,
  type Usage,
  usageFromTimings,
  usageFromWire,
  usageToWire,
} from "../usage.ts";
import type { CompletionChunk } from "./events.ts";
import { type CompletionRequest, choiceCount } from "./request.ts";

/**
 * Adds up what an engine counts. llama-server (0.7.0, measured) counts each choice on its own: `timings` in every chunk
 * of it, and `usage` with its end, asked for or not. The choices of prompt p are p * n to p * n + n - 1, each with all of
 * its prompt's tokens, which the engine has read once. What it has not begun with when a stream breaks off, as most of a
 * long list of prompts, it has not counted, and nobody pays.
 */
export class CompletionCounts {
  readonly #call: CompletionRequest;
  readonly #choices: number;
  /** The newest of each choice: a count, or an event with `timings`, which are read only when they count. */
  readonly #ofChoice = new Map<number, Usage | Buffer>();
  /** The newest count of an engine that counts all choices together. */
  #ofAll: Usage | null = null;
  #wireUsage: unknown;
  /** How many pieces of text came, for engines that do not count. */
  pieces = 0;

  constructor(call: CompletionRequest) {
    this.#call = call;
    this.#choices = choiceCount(call);
  }

  /** Keeps an event of this choice that carries `timings`. */
  keepTimings(index: number, event: Buffer): void {
    this.#ofChoice.set(index, event);
  }

  /** Takes the `usage` of a chunk, where it has one. Who sends `timings` with it is llama-server, behind whatever address. */
  readUsage({ usage: own, choices: [choice], timings }: CompletionChunk): void {
    const usage = usageFromWire(own);
    if (!usage) return;
    this.#wireUsage = own;
    if (choice && (timings !== undefined || this.#choices === 1)) this.#ofChoice.set(choice.index, usage);
    else this.#ofAll = usage;
  }

  /** @param hasBegun whether the engine has the prompts, as it has with its first event */
  usage(hasBegun: boolean): Usage {
    const counted = this.#ofAll ?? this.#sum();
    if (counted) return counted;
    return hasBegun ? estimatedCompletion(this.#call, this.pieces) : noUsage;
  }

  /** OpenAI's `usage` object. What an engine says besides is passed on where it speaks of the whole request. */
  toWire(usage: Usage): Record<string, unknown> {
    return this.#ofAll || this.#choices === 1
      ? engineUsageToWire(this.#wireUsage, usage)
      : usageToWire(usage);
  }

  #sum(): Usage | null {
    const prompts = new Map<number, Usage>();
    for (const [index, counted] of this.#ofChoice) {
      const usage = Buffer.isBuffer(counted) ? usageFromTimings(tokenTimings(counted)) : counted;
      const prompt = Math.floor(index / (this.#call.n ?? 1));
      if (usage) prompts.set(prompt, addChoice(prompts.get(prompt) ?? null, usage));
    }
    return prompts.size === 0 ? null : [...prompts.values()].reduce(addPrompt);
  }
}

/** What a request probably cost, where the engine gives no count. */
export function estimatedCompletion({ prompt }: CompletionRequest, completionTokens: number): Usage {
  return { promptTokens: estimatedTokens(prompt), cachedTokens: 0, completionTokens, estimated: true };
}

function addPrompt(sum: Usage, other: Usage): Usage {
  return {
    promptTokens: sum.promptTokens + other.promptTokens,
    cachedTokens: sum.cachedTokens + other.cachedTokens,
    completionTokens: sum.completionTokens + other.completionTokens,
    estimated: sum.estimated || other.estimated,
  };
}
