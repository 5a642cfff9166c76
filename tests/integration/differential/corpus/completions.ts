/** Bodies for `/v1/completions`. */
import { type Case, type Corpus, casesAround } from "../case.ts";

const hello = casesAround({ prompt: "say hello", temperature: 0, max_tokens: 8 });

/** By chance among all tokens, so that the words depend on every number. */
const chance = casesAround({
  prompt: "count",
  temperature: 2,
  seed: 1,
  top_k: 0,
  top_p: 1,
  min_p: 0,
  max_tokens: 12,
});

const good: Case[] = [
  hello("a prompt", {}),
  hello("an empty prompt", { prompt: "" }),
  hello("a prompt in a list", { prompt: ["say hello"] }),
  hello("two prompts", { prompt: ["say hello", "one two"] }, "usage of all"),
  hello("token ids", { prompt: [1, 387, 389] }),
  hello(
    "two lists of token ids",
    {
      prompt: [
        [1, 387],
        [1, 389],
      ],
    },
    "usage of all",
  ),
  hello("letters of other scripts", { prompt: "grüße, 世界 🌍" }),
  hello("one token", { max_tokens: 1 }),
  hello("no bound of length", { max_tokens: undefined, prompt: "hello from the tiny test", stop: ["six"] }),
  hello(
    "no bound of length, and a text that does not end",
    { max_tokens: undefined, prompt: "one" },
    "16 tokens",
  ),
  hello("a stop", { prompt: "one", stop: [" four"] }),
  hello("a stop as text", { prompt: "one", stop: " four" }),
  hello("a stop across tokens", { prompt: "one", stop: ["our f"] }),
  chance("a seed", {}),
  chance("another seed", { seed: 9 }),
  chance("top_p", { top_p: 0.5 }),
  chance("top_k", { top_k: 2 }),
  chance("min_p", { min_p: 0.1 }),
  chance("presence_penalty", { presence_penalty: 2 }),
  chance("frequency_penalty", { frequency_penalty: 2 }),
  chance("repeat_penalty", { repeat_penalty: 1.8 }),
  chance("logprobs by chance", { logprobs: 2 }, "older log probabilities", "chosen token"),
  hello(
    "logprobs with a stop within a token",
    { logprobs: 1, prompt: "one", stop: ["hree"] },
    "older log probabilities",
    "token of a stop",
  ),
  chance("a bias", { logit_bias: { 370: 100 }, max_tokens: 3 }),
  hello("two choices", { n: 2 }, "usage of all"),
  hello("two choices of two prompts", { n: 2, prompt: ["say hello", "one two"] }, "usage of all"),
  hello("logprobs", { logprobs: 2 }, "older log probabilities"),
  hello("logprobs of zero", { logprobs: 0 }, "logprobs of zero"),
  hello("logprobs of null", { logprobs: null }),
  hello(
    "logprobs of two prompts",
    { logprobs: 1, prompt: ["say hello", "one two"] },
    "usage of all",
    "older log probabilities",
  ),
  hello(
    "logprobs with a stop",
    { logprobs: 1, prompt: "one", stop: [" four"] },
    "older log probabilities",
    "token of a stop",
  ),
  hello("echo", { echo: true }, "echo"),
  hello("best_of as n", { best_of: 1 }),
  hello(
    "a stream without usage",
    { stream: true, stream_options: { include_usage: false } },
    "usage unasked",
  ),
  hello(
    "a stream of two prompts with usage",
    {
      stream: true,
      stream_options: { include_usage: true },
      prompt: ["say hello", "one two"],
    },
    "usage of all",
  ),
  hello("unknown parameters", { user: "me", mood: "good" }),
];

const wrong: Case[] = [
  hello("no prompt", { prompt: undefined }),
  hello("a prompt of null", { prompt: null }),
  hello("a prompt that is a number", { prompt: 5 }),
  hello("a prompt that is an object", { prompt: { prompt_string: "say hello" } }, "other inputs"),
  hello("an empty list of prompts", { prompt: [] }),
  hello("prompts of mixed kinds", { prompt: ["say hello", 5] }, "other inputs"),
  hello("a token id that the model does not have", { prompt: [1, 2_000_000] }),
  hello("a token id below zero", { prompt: [1, -5] }),
  hello("a token id with a fraction", { prompt: [1.5] }),
  hello("a prompt that is too long", { prompt: "one ".repeat(3000) }),
  hello("a suffix", { suffix: "end" }, "suffix and best_of"),
  hello("an empty suffix", { suffix: "" }),
  hello("best of three", { best_of: 3 }, "suffix and best_of"),
  hello("more logprobs than OpenAI gives", { logprobs: 6 }, "out of bounds"),
  hello("logprobs as a switch", { logprobs: true }, "wrong type"),
  hello("echo with logprobs", { echo: true, logprobs: 1 }, "suffix and best_of"),
  hello("max_tokens of zero", { max_tokens: 0 }, "out of bounds"),
  hello("temperature above 2", { temperature: 3, seed: 1 }, "out of bounds"),
  hello("more choices than sequences", { n: 5 }),
  hello("stop as a number", { stop: 4 }, "wrong type"),
];

export const completions: Corpus = { endpoint: "completions", cases: [...good, ...wrong] };
