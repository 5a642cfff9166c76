/** What a client may send to `/v1/completions`. Unknown parameters are dropped, never passed on to an engine. */
import { z } from "zod";
import type { TextBounds } from "../../json-text.ts";
import { describedOutputTokens, outputTokens, samplingFields } from "../sampling.ts";
import { entriesOf, textOrTokens } from "../text-or-tokens.ts";

const maxPrompts = 64;
/** More than a context of today holds. */
const maxTokens = 300_000;

/** OpenAI's default, unlike a chat's: whoever writes for this API expects so few and names more. */
const defaultOutputTokens = 16;

/** What a model puts around a prompt, as the token that begins a text. */
const tokensPerPrompt = 8;

/** Token ids are numbers, which are quick to parse: so there may be more of them than of the values of a chat. */
export const completionBounds: TextBounds = { levels: 8, values: maxTokens + 1_000 };

/**
 * The request body. The bounds of `logprobs` and of samplers are OpenAI's. `max_tokens` is 16 where the client gives
 * none, as at OpenAI; -1 sets no bound but the tier's. An empty prompt lets the model begin from nothing.
 */
export const completionRequest = z
  .object({
    model: z.string().max(256).nullish(),
    prompt: textOrTokens({ entries: maxPrompts, tokens: maxTokens, leastLength: 0 }),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
    max_tokens: z
      .number()
      .meta(describedOutputTokens)
      .nullish()
      .transform((tokens) => tokens ?? defaultOutputTokens)
      .pipe(outputTokens),
    ...samplingFields,
    best_of: z.number().int().nullish(),
    echo: z.boolean().nullish(),
    suffix: z.string().nullish(),
    logprobs: z.number().int().min(0).max(5).nullish(),
  })
  .superRefine((call, { addIssue }) => {
    const refuse = (field: keyof typeof call, message: string) =>
      addIssue({ code: "custom", path: [field], message, input: call[field] });
    if (call.best_of != null && call.best_of !== (call.n ?? 1))
      refuse("best_of", "is only supported where it is the same as `n`");
    // A model that is not asked to fill a gap would not know what comes behind it.
    if (call.suffix) refuse("suffix", "is not supported");
    if (call.echo && call.logprobs != null) refuse("echo", "is not supported together with `logprobs`");
    if (call.echo && hasTokens(call.prompt)) refuse("echo", "is not supported with token ids");
  });
export type CompletionRequest = z.infer<typeof completionRequest>;

/** How many texts the answer has: `n` for each prompt. Those of the first prompt come first. */
export function choiceCount(call: CompletionRequest): number {
  return entriesOf(call.prompt).length * (call.n ?? 1);
}

/** The text that this choice goes on from; empty where it was given as token ids. */
export function promptTextOf(call: CompletionRequest, index: number): string {
  const prompt = entriesOf(call.prompt)[Math.floor(index / (call.n ?? 1))];
  return typeof prompt === "string" ? prompt : "";
}

/** More tokens than the prompts can have: no token of text has less than a byte, nor has a token id. */
export function completionPromptTokens({ prompt }: CompletionRequest, bodyBytes: number): number {
  return bodyBytes + entriesOf(prompt).length * tokensPerPrompt;
}

function hasTokens(prompt: CompletionRequest["prompt"]): boolean {
  return typeof entriesOf(prompt)[0] !== "string";
}
