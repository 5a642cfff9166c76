/** What remotes write differently from llama-server, and what goes wrong with them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChatStreamReader } from "./stream.ts";
import {
  chunk,
  chunksOf,
  content,
  deltaEvent,
  done,
  end,
  event,
  feed,
  plain,
  role,
  withUsage,
} from "./testing/remote-events.ts";

describe("what is no piece of the answer", () => {
  it("drops comments, alone and within an event", () => {
    const reader = new ChatStreamReader(plain, "m");
    expect(feed(reader, ": ping\n\n", ":\n\n", "\n\n", content("a"), ": ping\n\n")).toEqual([
      "",
      "",
      "",
      content("a"),
      "",
    ]);
    const text = content("b");
    expect(feed(reader, `: OPENROUTER PROCESSING\n${text}`, `${text.trimEnd()}\n: x\n\n`)).toEqual([
      text,
      text,
    ]);
    expect(reader.usage().completionTokens).toBe(3);
  });

  it("sends the role with the first piece of the answer, not before", () => {
    const filters = event({ model: "", choices: [], prompt_filter_results: [] });
    const sent = feed(new ChatStreamReader(plain, "m"), filters, role, content("a"), content("b"));
    expect(sent.slice(0, 2)).toEqual(["", ""]);
    expect(sent[2]).toBe(filters.replace('"model":""', '"model":"m"') + role + content("a"));
    expect(sent[3]).toBe(content("b"));
  });

  it("sends all that was kept back at the end of an answer without words", () => {
    const reader = new ChatStreamReader(plain, "m");
    expect(feed(reader, role, end, done)).toEqual(["", "", ""]);
    expect(reader.closing().toString()).toBe(role + end + done);
  });

  it("keeps little back of an answer whose pieces it does not know", () => {
    const unknown = deltaEvent({ audio: { data: "A".repeat(1000) } });
    const sent = feed(new ChatStreamReader(plain, "m"), ...Array.from({ length: 8 }, () => unknown));
    expect(sent.join("")).toBe(unknown.repeat(8));
    expect(sent.slice(4)).toEqual([unknown, unknown, unknown, unknown]);
  });

  it.each([
    ["content", { content: "a" }, {}],
    ["reasoning", { reasoning_content: "a" }, {}],
    ["reasoning under its other name", { reasoning: "a" }, {}],
    ["a refusal", { refusal: "a" }, {}],
    ["a tool call", { tool_calls: [{ index: 0, function: { arguments: "{" } }] }, {}],
    ["log probabilities", { content: "" }, { logprobs: { content: [{ token: "", logprob: -1 }] } }],
  ])("counts %s", (_name, delta, choice) => {
    const piece = event({ choices: [{ index: 0, delta, ...choice }] });
    const reader = new ChatStreamReader(plain, "m");
    feed(reader, role, piece.replaceAll('":', '": '), piece, end, ": x\n\n");
    expect(reader.usage()).toMatchObject({ completionTokens: 2, estimated: true });
  });

  it("counts no roles, ends, comments and empty pieces, but the prompt that an engine has", () => {
    const reader = new ChatStreamReader(plain, "m");
    const empty = [{ content: "" }, { content: null }, { tool_calls: [] }, { role: "assistant" }, {}];
    feed(reader, ": x\n\n", role, ...empty.map((delta) => deltaEvent(delta)), end);
    expect(reader.usage().completionTokens).toBe(0);
    expect(reader.usage().promptTokens).toBeGreaterThan(0);
  });
});

describe("timings", () => {
  const timings = { cache_n: 3, prompt_n: 29, predicted_n: 5 };
  const choices = [{ index: 0, delta: { content: "a" } }];

  it.each([
    ["in the middle", event({ timings, choices, created: 1 })],
    ["in front", `data: ${JSON.stringify({ timings, ...chunk({ choices }) })}\n\n`],
    ["with objects in them", event({ choices, timings: { ...timings, draft: { n: 1 } } })],
    ["with a brace in them", event({ choices, timings: { ...timings, note: "}}" } })],
    ["with spaces", event({ choices, timings }).replaceAll('":', '": ')],
    ["before CRLF", event({ choices, timings }).replaceAll("\n", "\r\n")],
  ])("are taken out %s, and counted", (_name, text) => {
    const reader = new ChatStreamReader(plain, "m");
    const sent = feed(reader, content("x", { timings: { ...timings, predicted_n: 1 } }), text, text).slice(1);
    for (const piece of sent) {
      expect(chunksOf(piece)[0]).toMatchObject({ choices });
      expect(piece).not.toContain("predicted_n");
    }
    expect(reader.usage()).toMatchObject({ promptTokens: 32, completionTokens: 5, estimated: false });
  });

  it("stay where another object has them", () => {
    const nested = event({ choices, x: { a: 1, timings } });
    expect(chunksOf(feed(new ChatStreamReader(plain, "m"), nested).join(""))).toEqual([
      chunk({ choices, x: { a: 1, timings } }),
    ]);
  });
});

describe("usage", () => {
  const choices = [{ index: 0, delta: { content: "a" } }];
  const nothingYet = { prompt_tokens: null, completion_tokens: null, total_tokens: null };

  it("ignores one without counts, and takes it out", () => {
    const reader = new ChatStreamReader(withUsage, "m");
    const sent = feed(
      reader,
      event({ choices, usage: nothingYet }),
      event({ choices: [], usage: {} }),
      event({ choices, usage: { prompt_tokens: -1 } }),
      end + done,
    ).join("");
    expect(sent).not.toContain("usage");
    expect(chunksOf(sent)).toHaveLength(3);
    expect(reader.usage()).toMatchObject({ completionTokens: 2, estimated: true });
    expect(chunksOf(reader.closing().toString())[0]?.usage).toMatchObject({ completion_tokens: 2 });
  });

  it("takes null members for absent ones", () => {
    const reader = new ChatStreamReader(withUsage, "m");
    const counts = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
    const usage = { ...counts, prompt_tokens_details: null, completion_tokens_details: null };
    feed(reader, event({ choices, usage: nothingYet }), event({ choices: [], usage }), done);
    expect(reader.usage()).toMatchObject({ promptTokens: 7, completionTokens: 3, estimated: false });
    expect(chunksOf(reader.closing().toString())[0]?.usage).toEqual({
      ...counts,
      prompt_tokens_details: { cached_tokens: 0 },
    });
  });
});

describe("the end", () => {
  it.each(["data: [DONE]", "data: [DONE]\n", "data: [DONE]\r\n", "data:[DONE]"])(
    "is taken from %j without an empty line",
    (last) => {
      const reader = new ChatStreamReader(plain, "m");
      feed(reader, content("a") + end + last);
      expect(reader.closing().toString()).toBe(done);
    },
  );

  it("counts a last event that only lacks its empty line, and none that broke off", () => {
    for (const [last, written] of [
      [content("b").trimEnd(), 2],
      [content("b").slice(0, -6), 1],
    ] as const) {
      const reader = new ChatStreamReader(plain, "m");
      feed(reader, content("a") + last);
      expect(() => reader.closing()).toThrow(/ended while/);
      expect(reader.usage().completionTokens).toBe(written);
    }
  });

  it("tells of an error whose empty line is missing", () => {
    const reader = new ChatStreamReader(plain, "m");
    feed(reader, `${content("a")}data: {"error":{"message":"no credit at Provider X"}}\n`);
    expect(() => reader.closing()).toThrow("The engine behind this model failed on this request.");
  });
});

describe("errors", () => {
  it.each([
    'event: error\ndata: {"message":"no credit at Provider X"}\n\n',
    "event: error\r\ndata: Provider X is down\r\n\r\n",
    'data: {"code":402}\nevent:error\n\n',
    "event: error\n\n",
    'data: {"choices":[],"error":{"message":"Provider X: invalid plan","code":402}}\n\n',
    'data: {"choices":[],"error":true}\n\n',
  ])("masks %j, before and within the answer", (text) => {
    const masked = "The engine behind this model failed on this request.";
    expect(() => feed(new ChatStreamReader(plain, "m"), text)).toThrow(masked);
    expect(() => feed(new ChatStreamReader(plain, "m"), content("a"), content("b"), text)).toThrow(masked);
  });

  it("are none where the member is null or a token is called so", () => {
    const tokens = { logprobs: { content: [{ token: "error" }, { token: "usage" }, { token: "timings" }] } };
    const texts = [
      content("a", { error: null }),
      event({ choices: [{ index: 0, delta: { content: "error" }, ...tokens }] }),
    ];
    expect(feed(new ChatStreamReader(plain, "m"), ...texts)).toEqual(texts);
  });

  it("finds out lines that are no JSON objects", () => {
    expect(() => feed(new ChatStreamReader(plain, "m"), content("a"), "data: 1\n\n")).toThrow(/malformed/);
  });
});

describe("the model", () => {
  it.each([
    ["m", "m"],
    ["größe/“7b”", "größe/“7b”"],
    ['a"b\\c', 'a"b\\c'],
    ["m", ""],
    ["m", "other"],
  ])("is %s in every event, whatever the engine says in it, as %j in the first", (id, first) => {
    const names = [first, id, "path/of/m", undefined, null, id, "", "m2"];
    const texts = names.map((model, index) => content(`${index}`, { model }));
    for (const separator of ['":', '": ']) {
      const pieces = texts.map((text) => text.replaceAll('":', separator));
      const apart = feed(new ChatStreamReader(plain, id), ...pieces).join("");
      const together = feed(new ChatStreamReader(plain, id), pieces.join("")).join("");
      expect(chunksOf(apart)).toEqual(
        names.map((_, index) => JSON.parse(content(`${index}`, { model: id }).slice(6))),
      );
      expect(together).toBe(apart);
    }
  });
});

/** One event of a stream: what it says, and how it is written. */
const part = fc.record({
  text: fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom('"', "\\", '\\"', '","model":"x', "\n\ndata: [DONE]\n\n", '"usage":{'),
  ),
  key: fc.constantFrom("content", "content", "content", "reasoning_content"),
  model: fc.constantFrom("m", "m", "m", "other"),
  created: fc.constantFrom(1, 1, 1, 2),
  timings: fc.boolean(),
  isComment: fc.constantFrom(false, false, false, true),
});

it("gives every stream as it was meant, however its events differ and its bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 30 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 9 }),
      fc.constantFrom("\n", "\r\n"),
      fc.constantFrom('":', '": '),
      (parts, sizes, newline, separator) => {
        const texts = parts.map(({ text, key, model, created, timings, isComment }, index) => {
          const counts = timings ? { timings: { cache_n: 0, prompt_n: 1, predicted_n: index } } : {};
          const json = JSON.stringify(
            chunk({ model, choices: [{ index: 0, delta: { [key]: text } }], created, ...counts }),
          );
          const spaced = separator === '":' || text.includes(":") ? json : json.replaceAll('":', separator);
          return `${isComment ? `: x${newline.repeat(2)}` : ""}data: ${spaced}${newline.repeat(2)}`;
        });
        const bytes = Buffer.from(`${texts.join("")}data: [DONE]`);
        const reader = new ChatStreamReader(plain, "m");
        const sent: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const sizeBytes = sizes[turn % sizes.length] ?? 1;
          reader.push(bytes.subarray(at, at + sizeBytes), (piece) => sent.push(piece));
          at += sizeBytes;
        }
        sent.push(reader.closing());
        const stream = Buffer.concat(sent).toString("utf8").replaceAll("\r\n", "\n");
        expect(chunksOf(stream)).toEqual(
          parts.map(({ text, key, created }) =>
            chunk({ choices: [{ index: 0, delta: { [key]: text } }], created }),
          ),
        );
        expect(stream).not.toContain(": x");
        const counted = parts.findLastIndex(({ timings }) => timings);
        const pieces = parts.filter(({ text }) => text !== "").length;
        expect(reader.usage().completionTokens).toBe(counted === -1 ? pieces : counted);
      },
    ),
    { numRuns: 300 },
  );
});
