import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGatewayError } from "../../errors.ts";
import { type CompletionRequest, completionRequest } from "./request.ts";
import { CompletionStreamReader } from "./stream.ts";

const call = (fields: object = {}): CompletionRequest =>
  completionRequest.parse({ prompt: "say hello", stream: true, ...fields });
const withUsage = { stream_options: { include_usage: true } };

/** As llama-server 0.7.0 writes its events. */
const timings = (written: number, prompt = 5) => ({
  cache_n: 0,
  prompt_n: prompt,
  prompt_ms: 0.5,
  predicted_n: written,
  predicted_ms: 1.5,
});
const usage = (written: number, prompt = 5) => ({
  completion_tokens: written,
  prompt_tokens: prompt,
  total_tokens: written + prompt,
  prompt_tokens_details: { cached_tokens: 0 },
});
const head = {
  created: 7,
  model: "m.gguf",
  system_fingerprint: "b1",
  object: "text_completion",
  id: "chatcmpl-1",
};
const event = (choices: unknown, extra: object = {}) =>
  `data: ${JSON.stringify({ choices, ...head, ...extra })}\n\n`;
const piece = (text: string, index = 0, extra: object = {}, finish: string | null = null) =>
  event([{ text, index, logprobs: null, finish_reason: finish }], extra);
const token = (text: string, written: number, index = 0, prompt = 5) =>
  piece(text, index, { timings: timings(written, prompt) });
const end = (written: number, index = 0, prompt = 5) =>
  piece("", index, { usage: usage(written, prompt), timings: timings(written, prompt) }, "length");
const progress = piece("", 0, {
  timings: timings(0),
  prompt_progress: { total: 5, cache: 0, processed: 5, time_ms: 0 },
});
const done = "data: [DONE]\n\n";

const words = ["Say ", "hü", `","index":1,"timings":{"usage":[DONE] \n\n 😀`, "\\", "end"];
const llama = [progress, ...words.map((word, at) => token(word, at + 1)), end(5), done].join("");

function run(reader: CompletionStreamReader, ...pieces: (string | Buffer)[]): string {
  let sent = "";
  for (const bytes of pieces) reader.push(Buffer.from(bytes), (out) => (sent += out.toString()));
  return sent;
}

interface Chunk {
  choices: { index: number; text: string; finish_reason: string | null; logprobs: unknown }[];
  [member: string]: unknown;
}

function chunksOf(stream: string): Chunk[] {
  return stream
    .split("\n\n")
    .filter((text) => text.startsWith("data: {"))
    .map((text) => JSON.parse(text.slice("data: ".length)));
}

function textOf(stream: string, index = 0): string {
  return chunksOf(stream)
    .flatMap(({ choices }) => choices)
    .filter((choice) => choice.index === index)
    .map(({ text }) => text)
    .join("");
}

describe("CompletionStreamReader", () => {
  it("writes OpenAI's chunks, whatever way around the engine's parser they took", () => {
    const reader = new CompletionStreamReader(call(), "ours");
    const sent = run(reader, llama);
    const chunks = chunksOf(sent);
    expect(chunks).toHaveLength(words.length + 1);
    for (const [at, chunk] of chunks.entries())
      expect(chunk).toEqual({
        id: "cmpl-1",
        object: "text_completion",
        created: 7,
        model: "ours",
        system_fingerprint: "b1",
        choices: [
          {
            text: words[at] ?? "",
            index: 0,
            logprobs: null,
            finish_reason: at === words.length ? "length" : null,
          },
        ],
      });
    expect(reader.closing().toString()).toBe(done);
    expect(reader.usage()).toEqual({
      promptTokens: 5,
      cachedTokens: 0,
      completionTokens: 5,
      estimated: false,
    });
  });

  it("sends the same however the bytes are cut", () => {
    const bytes = Buffer.from(llama);
    const whole = run(new CompletionStreamReader(call(), "m"), bytes);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...cuts.sort((one, other) => one - other), bytes.length];
        const pieces = edges.slice(1).map((edge, at) => bytes.subarray(edges[at], edge));
        const reader = new CompletionStreamReader(call(), "m");
        expect(run(reader, ...pieces)).toBe(whole);
        expect(reader.usage().completionTokens).toBe(5);
      }),
    );
  });

  it("gives the usage in a chunk of its own to a client that asked for it", () => {
    const reader = new CompletionStreamReader(call(withUsage), "ours");
    run(reader, llama);
    const [chunk] = chunksOf(reader.closing().toString());
    expect(chunk).toMatchObject({ id: "cmpl-1", model: "ours", choices: [], usage: usage(5) });
    expect(chunk).not.toHaveProperty("timings");
  });

  it("sends nothing before there is something to say", () => {
    const held = token("", 1);
    expect(run(new CompletionStreamReader(call({ echo: true }), "m"), "data: null\n\n", progress, held)).toBe(
      "",
    );
  });

  it("echoes the prompt before each choice, also before one without text", () => {
    const reader = new CompletionStreamReader(call({ prompt: ['a "b"', "c"], echo: true, n: 2 }), "m");
    const sent = run(reader, token("x", 1, 3), token("y", 1, 0), token("z", 2, 3), end(0, 1), end(0, 2));
    expect([0, 1, 2, 3].map((index) => textOf(sent, index))).toEqual(['a "b"y', 'a "b"', "c", "cxz"]);
    expect(chunksOf(sent)[0]).toMatchObject({ choices: [{ index: 3, text: "c", finish_reason: null }] });
  });
});

describe("what several choices cost", () => {
  const two = call({ prompt: ["one", "another"], n: 2, ...withUsage });
  const all = [end(3, 0, 5), end(2, 3, 7), end(1, 2, 7), end(4, 1, 5)];

  it("is each prompt once, and every token written", () => {
    const reader = new CompletionStreamReader(two, "m");
    run(reader, token("a", 1, 0), token("b", 1, 3, 7), ...all, done);
    expect(reader.usage()).toMatchObject({ promptTokens: 12, completionTokens: 10, estimated: false });
    expect(reader.closing().toString()).toContain('"total_tokens":22');
  });

  it("is what the engine has begun with when a stream breaks off", () => {
    const reader = new CompletionStreamReader(two, "m");
    run(reader, end(3, 0, 5), token("a", 1, 1), token("b", 2, 1), token("c", 1, 2, 7));
    expect(reader.usage()).toMatchObject({ promptTokens: 12, completionTokens: 6, estimated: false });
    expect(() => reader.closing()).toThrow(/ended while/);
  });

  it("is what a remote counts together, in its last event or in every one", () => {
    const last = new CompletionStreamReader(two, "m");
    run(last, piece("a", 0), piece("b", 3), event([], { usage: usage(20, 12) }), done);
    expect(last.usage()).toMatchObject({ promptTokens: 12, completionTokens: 20 });
    const every = new CompletionStreamReader(two, "m");
    run(every, piece("a", 0, { usage: usage(1, 12) }), piece("b", 3, { usage: usage(2, 12) }));
    expect(every.usage()).toMatchObject({ promptTokens: 12, completionTokens: 2 });
  });

  it("is an estimate where nobody counts, and nothing where nothing came", () => {
    const reader = new CompletionStreamReader(call({ prompt: [[1, 2], [3]] }), "m");
    expect(reader.usage()).toMatchObject({ promptTokens: 0, completionTokens: 0, estimated: false });
    run(reader, piece("a", 0), piece("b", 0), piece("c", 1));
    expect(reader.usage()).toMatchObject({ promptTokens: 3, completionTokens: 3, estimated: true });
  });
});

describe("what remotes write differently", () => {
  const vllm = (text: string, finish: string | null = null) =>
    `data: ${JSON.stringify({
      id: "cmpl-2",
      object: "text_completion",
      created: 1,
      model: "/srv/model",
      choices: [{ index: 0, text, logprobs: null, finish_reason: finish, stop_reason: null }],
      usage: null,
    })}\n\n`;

  it("keeps what it does not know, and says no `usage`", () => {
    const reader = new CompletionStreamReader(call(), "ours");
    const sent = run(reader, vllm("a"), ": ping\n\n", vllm("b"), vllm("c"), vllm("", "stop"), done);
    expect(textOf(sent)).toBe("abc");
    for (const chunk of chunksOf(sent)) {
      expect(chunk).toMatchObject({ id: "cmpl-2", model: "ours", choices: [{ stop_reason: null }] });
      expect(chunk).not.toHaveProperty("usage");
    }
  });

  it("reads blanks, other line ends, several choices in a chunk, and a missing last line", () => {
    const blank = vllm("a").replaceAll('":', '": ').replaceAll("\n", "\r\n");
    const reader = new CompletionStreamReader(call({ n: 2 }), "m");
    const both = event([
      { text: "c", index: 0 },
      { text: "d", index: 1 },
    ]);
    const sent = run(reader, blank, blank, both, "data: [DONE]");
    expect([textOf(sent, 0), textOf(sent, 1)]).toEqual(["aac", "d"]);
    expect(reader.closing().toString()).toBe(done);
  });
});

describe("what goes wrong", () => {
  it.each([
    ["an error", 'data: {"error":{"code":500,"message":"/srv/models is gone","type":"server_error"}}\n\n'],
    ["an error with choices", event([], { error: { message: "broken" } })],
    ["a named error", `event: error\n${piece("a")}`],
    ["no JSON", "data: {not json}\n\n"],
    ["no chunk", 'data: {"choices":3}\n\n'],
    ["no object", "data: 7\n\n"],
    ["an index beyond all", piece("a", 5_000)],
  ])("turns %s into an error of the engine", (_name, bad) => {
    const reader = new CompletionStreamReader(call(), "m");
    expect(() => run(reader, bad)).toThrow(expect.objectContaining({ status: 502 }));
  });

  it("names the prompt when a context is too small", () => {
    const error = { code: 400, message: "request exceeds", type: "exceed_context_size_error" };
    const data = `data: ${JSON.stringify({ error: { ...error, n_prompt_tokens: 18, n_ctx: 8 } })}\n\n`;
    expect(() => run(new CompletionStreamReader(call(), "m"), progress, data)).toThrow(
      expect.objectContaining({ code: "context_length_exceeded", options: { param: "prompt" } }),
    );
  });

  it("survives arbitrary bytes, also behind events that it knows", () => {
    const parts = fc.constantFrom(token("a", 1), token("b", 2), `${token("c", 3).slice(0, -9)}\n\n`, done);
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      parts.map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(anything), (pieces) => {
        const reader = new CompletionStreamReader(call(), "m");
        try {
          run(reader, ...pieces.map((bytes) => Buffer.from(bytes)));
        } catch (error) {
          expect(isGatewayError(error)).toBe(true);
        }
        expect(reader.usage().completionTokens).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
