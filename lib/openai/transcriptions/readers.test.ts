import { describe, expect, it } from "vitest";
import { isGatewayError } from "../../errors.ts";
import { doneEvent, jsonEvent } from "../sse.ts";
import { noUsage } from "../usage.ts";
import { TranscriptionStreamReader } from "./stream.ts";
import { transcriptionCall } from "./testing/call.ts";
import { TranscriptionPlainReader, TranscriptionWholeReader } from "./whole.ts";

const delta = (text: string) => jsonEvent({ type: "transcript.text.delta", delta: text });
const usage = { type: "tokens", input_tokens: 40, output_tokens: 3, total_tokens: 43 };
const last = (further: object = { usage }) =>
  jsonEvent({ type: "transcript.text.done", text: "hello wörld", ...further });
const stream = [delta("hello"), delta(""), delta(" wörld"), last(), doneEvent];
const media = { imageTokens: 0, audioTokens: 0, audioMs: 2_500 };
const counted = { promptTokens: 40, cachedTokens: 0, completionTokens: 3, media, estimated: false };
const tokens = { ...usage, input_token_details: { cached_tokens: 0 } };

function eventsOf(pushed: Buffer[], soundSeconds: number | null = null) {
  const reader = new TranscriptionStreamReader(transcriptionCall({ stream: true }), soundSeconds);
  let sent = "";
  for (const chunk of pushed)
    reader.push(chunk, (bytes) => {
      sent += bytes;
    });
  sent += reader.closing();
  return { sent, usage: reader.usage(), events: sent.split("\n\n").filter((event) => event.includes("{")) };
}

function code(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isGatewayError(error)) return error.code;
    throw error;
  }
  return "none";
}

describe("a stream", () => {
  it("hands on pieces and ends with the whole text, its usage and the mark", () => {
    const { sent, usage: used, events } = eventsOf(stream);
    expect(events.map((event) => JSON.parse(event.slice(6)))).toEqual([
      { type: "transcript.text.delta", delta: "hello" },
      { type: "transcript.text.delta", delta: " wörld" },
      { type: "transcript.text.done", text: "hello wörld", usage: tokens },
    ]);
    expect(sent.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(used).toEqual(counted);
  });

  it("is the same however it is cut", () => {
    const bytes = Buffer.concat(stream);
    const whole = eventsOf(stream).sent;
    for (let at = 1; at < bytes.length; at++)
      expect(eventsOf([bytes.subarray(0, at), bytes.subarray(at)]).sent).toBe(whole);
  });

  it("tells seconds where seconds are charged, and where tokens are only estimated", () => {
    expect(eventsOf(stream, 3).sent).toContain('"usage":{"type":"duration","seconds":3}');
    const { sent, usage: used } = eventsOf([delta("hello"), last({})]);
    expect(sent).toContain('"usage":{"type":"duration","seconds":3}');
    expect(used).toMatchObject({ estimated: true, promptTokens: 55, completionTokens: 3, media });
  });

  it("keeps what a remote adds, as log probabilities", () => {
    const logprobs = [{ token: "hello", logprob: -0.1 }];
    const { sent } = eventsOf([
      jsonEvent({ type: "transcript.text.delta", delta: "hello", logprobs }),
      last(),
    ]);
    expect(sent).toContain(JSON.stringify(logprobs));
  });

  it("is made of the answer of a remote that does not stream", () => {
    const { events, usage: used } = eventsOf([
      Buffer.from('{"text":"hello wörld",'),
      Buffer.from(`"usage":${JSON.stringify(usage)}}`),
    ]);
    expect(events.map((event) => JSON.parse(event.slice(6)).type)).toEqual([
      "transcript.text.delta",
      "transcript.text.done",
    ]);
    expect(used).toEqual(counted);
  });

  it.each([
    ["breaks off", [delta("hello")]],
    ["is empty", []],
    ["is none", [Buffer.from("<html>\n\n")]],
    ["is no transcription", [jsonEvent({ choices: [] })]],
    ["is no JSON", [Buffer.from("data: {\n\n")]],
    ["tells of an error", [delta("hello"), jsonEvent({ error: { message: "out of memory", type: "x" } })]],
    ["tells of an error by its name", [Buffer.from('event: error\ndata: {"message":"x"}\n\n')]],
    ["answers something else at once", [Buffer.from('{"texts":[]}')]],
  ])("fails where the engine's %s", (_what, chunks) => {
    expect(code(() => eventsOf(chunks))).toBe("engine_crashed");
  });
});

describe("what is owed", () => {
  const begun = () => {
    const reader = new TranscriptionStreamReader(transcriptionCall(), null);
    reader.push(delta("hello"), () => {});
    return reader;
  };

  it("is nothing where an engine failed before its first word, and what came where it failed later", () => {
    expect(new TranscriptionStreamReader(transcriptionCall(), null).usage()).toBe(noUsage);
    expect(begun().usage()).toMatchObject({ promptTokens: 55, completionTokens: 1, media, estimated: true });
  });

  it("is the sound where the client left before the first word", () => {
    const left = { promptTokens: 55, completionTokens: 0, media, estimated: true };
    expect(new TranscriptionStreamReader(transcriptionCall(), null).usageWhenLeft()).toMatchObject(left);
    expect(new TranscriptionWholeReader(transcriptionCall(), null).usageWhenLeft()).toMatchObject(left);
    expect(new TranscriptionPlainReader(transcriptionCall(), null).usageWhenLeft()).toMatchObject(left);
  });
});

describe("a whole answer", () => {
  const whole = (settings = {}) => {
    const reader = new TranscriptionWholeReader(transcriptionCall(settings), null);
    for (const chunk of stream) reader.push(chunk);
    return reader;
  };

  it("is gathered from a stream", () => {
    const reader = whole();
    expect(reader.hasBegun).toBe(true);
    expect(JSON.parse(reader.answer())).toEqual({ text: "hello wörld", usage: tokens });
    expect(reader.contentType).toBeUndefined();
    expect(reader.usage()).toEqual(counted);
  });

  it("is text alone where that is asked for", () => {
    const reader = whole({ response_format: "text" });
    expect(reader.answer()).toBe("hello wörld\n");
    expect(reader.contentType).toBe("text/plain; charset=utf-8");
  });
});

describe("a remote's answer", () => {
  const plain = (body: string, response_format?: "text" | "verbose_json" | "srt" | "vtt") => {
    const reader = new TranscriptionPlainReader(transcriptionCall({ response_format }), null);
    reader.push(Buffer.from(body));
    return { answer: reader.answer(), usage: reader.usage(), type: reader.contentType };
  };

  it("is passed on with all that it says, and its usage read", () => {
    const details = { audio_tokens: 25, text_tokens: 15 };
    const body = { text: "hello", language: "en", usage: { ...usage, input_token_details: details } };
    const { answer, usage: used } = plain(JSON.stringify(body), "verbose_json");
    expect(JSON.parse(answer)).toEqual(body);
    expect(used).toEqual({ ...counted, media: { ...media, audioTokens: 25 } });
  });

  it("is estimated where it counts seconds, or nothing", () => {
    const body = { text: "hello world!", usage: { type: "duration", seconds: 9_000 } };
    const { answer, usage: used } = plain(JSON.stringify(body));
    expect(JSON.parse(answer).usage).toEqual({ type: "duration", seconds: 3 });
    expect(used).toMatchObject({ promptTokens: 55, completionTokens: 3, estimated: true, media });
  });

  it("is text where its JSON was asked for in place of text, and subtitles as they are", () => {
    expect(plain('{"text":"hello"}', "text")).toMatchObject({
      answer: "hello\n",
      type: "text/plain; charset=utf-8",
    });
    const subtitles = "1\n00:00:00,000 --> 00:00:02,500\nhello\n";
    expect(plain(subtitles, "srt")).toMatchObject({ answer: subtitles, type: "text/plain; charset=utf-8" });
    expect(plain(subtitles, "srt").usage).toMatchObject({ estimated: true, completionTokens: 10 });
  });

  it.each(["", "no JSON", "[]", '{"text":3}', "null"])("%j is a failure of the engine", (body) => {
    expect(code(() => plain(body))).toBe("engine_crashed");
    expect(code(() => plain("", "vtt"))).toBe("engine_crashed");
  });
});
