/** Log probabilities in chat's shape and in that of OpenAI's older completions. */
import { type Json, listIn, numberIn, objectIn, textIn } from "./answer.ts";

export interface Logprobs {
  shape: "chat" | "completions";
  tokens: { token: string; logprob: number; top: Record<string, number> }[];
}

/** Null where there are none. */
export function logprobsIn(value: unknown): Logprobs | null {
  const { content, tokens } = objectIn(value);
  if (Array.isArray(content)) return { shape: "chat", tokens: listIn(content).map(chatToken) };
  return Array.isArray(tokens) ? { shape: "completions", tokens: legacyTokens(objectIn(value)) } : null;
}

/** Those of two pieces of one text. */
export function joined(one: Logprobs | null, other: Logprobs | null): Logprobs | null {
  return one && other ? { ...one, tokens: [...one.tokens, ...other.tokens] } : (one ?? other);
}

function chatToken({ token, logprob, top_logprobs: top }: Json): Logprobs["tokens"][number] {
  const alternatives = listIn(top).map((one) => [textIn(one.token), numberIn(one.logprob)]);
  return { token: textIn(token), logprob: numberIn(logprob), top: Object.fromEntries(alternatives) };
}

function legacyTokens({ tokens, token_logprobs: values, top_logprobs: top }: Json): Logprobs["tokens"] {
  const [numbers, alternatives] = [Array.isArray(values) ? values : [], listIn(top)];
  return (tokens as unknown[]).map((token, index) => ({
    token: textIn(token),
    logprob: numberIn(numbers[index]),
    top: (alternatives[index] ?? {}) as Record<string, number>,
  }));
}
