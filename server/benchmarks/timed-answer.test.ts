/** Events as engines sent them, at times as they came. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../lib/slots/types.ts";
import { AnswerClock, answerRequest } from "./timed-answer.ts";

const event = (data: object) => Buffer.from(`data: ${JSON.stringify(data)}\n\n`);
const llama = (text: string, predicted: number, more: object = {}) =>
  event({
    choices: [{ text, index: 0 }],
    timings: { cache_n: 2, prompt_n: 10, predicted_n: predicted },
    ...more,
  });
const chat = (content: string) => event({ choices: [{ delta: { content } }] });

function clock(...events: [atMs: number, bytes: Buffer][]): AnswerClock {
  const made = new AnswerClock();
  for (const [atMs, bytes] of events) made.take(bytes, atMs);
  return made;
}

describe("the times of an answer", () => {
  it("of llama-server go by its own count: progress and the last event are no tokens, half a character is", () => {
    const usage = {
      prompt_tokens: 12,
      completion_tokens: 3,
      prompt_tokens_details: { cached_tokens: 2 },
    };
    const times = clock(
      [110, llama("", 0, { prompt_progress: { processed: 0 } })],
      [200, llama("a", 1)],
      [210, llama("", 2)],
      [220, llama("é", 3)],
      [230, llama("", 3, { usage })],
      [231, Buffer.from("data: [DONE]\n\n")],
    ).times(100, 240);
    expect(times).toEqual({
      sentMs: 100,
      firstMs: 200,
      lastMs: 220,
      promptTokens: 12,
      readTokens: 10,
      outputTokens: 3,
      firstTokens: 1,
      estimated: false,
    });
  });

  it("of a remote go by its pieces, and its count comes at the end", () => {
    const usage = { prompt_tokens: 7, completion_tokens: 8 };
    const times = clock(
      [150, chat("")],
      [200, chat("a b")],
      [300, event({ choices: [{ delta: { reasoning_content: "c d" } }] })],
      [310, event({ choices: [], usage })],
    ).times(100, 320);
    expect(times).toMatchObject({
      firstMs: 200,
      lastMs: 300,
      outputTokens: 8,
      firstTokens: 4,
      estimated: false,
    });
  });

  it("are marked where nobody counted", () => {
    const times = clock([200, chat("a")], [300, chat("b")]).times(100, 310);
    expect(times).toMatchObject({ outputTokens: 2, firstTokens: 1, readTokens: 0, estimated: true });
  });

  it("do not exist where nothing was said", () => {
    expect(() => clock([200, chat("")]).times(100, 210)).toThrow(/without a word/);
  });

  it("come from events that were cut anywhere", () => {
    const bytes = Buffer.concat([llama("a", 1), llama("b", 2)]);
    const times = clock([1, bytes.subarray(0, 30)], [2, bytes.subarray(30)]).times(0, 3);
    expect(times).toMatchObject({ firstMs: 2, lastMs: 2, outputTokens: 2 });
  });

  it("end with an error that comes as an event, and with what is no JSON", () => {
    expect(() => clock([1, event({ error: { message: "no memory" } })])).toThrow(/reported an error/);
    expect(() => clock([1, Buffer.from("data: {nothing\n\n")])).toThrow(/no answer/);
  });
});

it("only llama-server is asked for what is its own", () => {
  const ask = (kind: Engine["kind"]) =>
    JSON.parse(answerRequest({ kind, upstreamModel: "m" } as Engine, "words", 9).body);
  expect(ask("llama-server")).toMatchObject({
    prompt: "words",
    ignore_eos: true,
    cache_prompt: false,
    max_tokens: 9,
  });
  expect(Object.keys(ask("remote")).toSorted()).toEqual([
    "max_tokens",
    "messages",
    "model",
    "stream",
    "stream_options",
  ]);
});
