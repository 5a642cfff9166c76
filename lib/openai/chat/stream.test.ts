import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { isGatewayError } from "../../errors.ts";
import type { ChatRequest } from "./request.ts";
import { ChatStreamReader } from "./stream.ts";

const plain: ChatRequest = { messages: [{ role: "user", content: "hello" }], stream: true };
const withUsage: ChatRequest = { ...plain, stream_options: { include_usage: true } };
const timings = (written: number) => ({ cache_n: 3, prompt_n: 29, prompt_ms: 1.5, predicted_n: written });
const usage = {
  completion_tokens: 2,
  prompt_tokens: 32,
  total_tokens: 34,
  prompt_tokens_details: { cached_tokens: 3 },
};

function event(fields: object): string {
  return `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "m", ...fields })}\n\n`;
}
const delta = (content: string, extra: object = {}) =>
  event({ choices: [{ index: 0, delta: { content }, finish_reason: null }], ...extra });

const progress = event({
  choices: [{ index: 0, delta: { role: "assistant", content: null } }],
  timings: timings(0),
  prompt_progress: { total: 32, cache: 3, processed: 32, time_ms: 5 },
});
const usageEvent = event({ choices: [], usage, timings: timings(2) });
const llama = [
  progress,
  delta("Say "),
  delta("hü", { timings: timings(1) }),
  delta(`,"timings":{"usage":{[DONE] "error": \n\n 😀`, { timings: timings(2) }),
  usageEvent,
  "data: [DONE]\n\n",
].join("");

function run(reader: ChatStreamReader, pieces: Buffer[]): string {
  const sent: Buffer[] = [];
  for (const piece of pieces) reader.push(piece, (bytes) => sent.push(Buffer.from(bytes)));
  return Buffer.concat(sent).toString("utf8");
}

function contents(stream: string): string {
  return stream
    .split("\n\n")
    .filter((text) => text.startsWith("data: {"))
    .map((text) => JSON.parse(text.slice(6)).choices[0]?.delta.content ?? "")
    .join("");
}

describe("ChatStreamReader", () => {
  it("hands on a call of a tool that is named as one of the engine's own keys", () => {
    for (const name of ["prompt_progress", "usage", "error", "timings"]) {
      const call = event({
        choices: [
          {
            index: 0,
            delta: { tool_calls: [{ index: 0, id: "call_1", function: { name, arguments: "" } }] },
          },
        ],
      });
      expect(run(new ChatStreamReader(plain, "m"), [Buffer.from(call)])).toBe(call);
    }
  });

  it("hands on events without timings, progress, usage and [DONE], however the bytes are cut", () => {
    const bytes = Buffer.from(llama);
    const whole = run(new ChatStreamReader(plain, "m"), [bytes]);
    expect(contents(whole)).toBe('Say hü,"timings":{"usage":{[DONE] "error": \n\n 😀');
    expect(whole).not.toContain("prompt_n");
    expect(whole).not.toContain("[DONE]\n");
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...cuts.sort((one, other) => one - other), bytes.length];
        const pieces = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
        const reader = new ChatStreamReader(plain, "m");
        expect(run(reader, pieces)).toBe(whole);
        expect(reader.closing().toString()).toBe("data: [DONE]\n\n");
        expect(reader.usage()).toEqual({
          promptTokens: 32,
          cachedTokens: 3,
          completionTokens: 2,
          estimated: false,
        });
      }),
    );
  });

  it("reads a stream that is cut in two, wherever that is", () => {
    const bytes = Buffer.from(llama);
    const whole = run(new ChatStreamReader(plain, "m"), [bytes]);
    for (let at = 1; at < bytes.length; at++) {
      const reader = new ChatStreamReader(plain, "m");
      expect(run(reader, [bytes.subarray(0, at), bytes.subarray(at)])).toBe(whole);
      expect(reader.usage().completionTokens).toBe(2);
    }
  });

  it("passes the very bytes of a chunk on when nothing in it must change", () => {
    const chunk = Buffer.from(delta("a") + delta("b"));
    const sent: Buffer[] = [];
    const reader = new ChatStreamReader(plain, "m");
    run(reader, [Buffer.from(delta("first"))]);
    reader.push(chunk, (bytes) => sent.push(bytes));
    expect(sent).toHaveLength(1);
    expect(sent[0]).toBe(chunk);
  });

  it("gives the usage to a client that asked for it, in a chunk of its own before [DONE]", () => {
    const reader = new ChatStreamReader(withUsage, "m");
    run(reader, [Buffer.from(llama)]);
    const [usageText, done] = reader.closing().toString().split("\n\n");
    expect(JSON.parse(usageText?.slice(6) ?? "")).toEqual({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1,
      model: "m",
      choices: [],
      usage,
    });
    expect(done).toBe("data: [DONE]");
  });

  it("counts a stream that ends early by the engine's last timings", () => {
    const reader = new ChatStreamReader(plain, "m");
    run(reader, [
      Buffer.from(progress + delta("a", { timings: timings(1) }) + delta("b", { timings: timings(7) })),
    ]);
    expect(reader.usage()).toMatchObject({ completionTokens: 7, promptTokens: 32, estimated: false });
    expect(() => reader.closing()).toThrow(/ended while/);
  });

  it("adds up the choices of one request, whose prompt is read once", () => {
    const reader = new ChatStreamReader({ ...withUsage, n: 2 }, "m");
    run(reader, [Buffer.from(`${delta("a") + usageEvent + usageEvent}data: [DONE]\n\n`)]);
    expect(reader.usage()).toMatchObject({ completionTokens: 4, promptTokens: 32 });
    expect(reader.closing().toString()).toContain('"total_tokens":36');
  });

  it("marks counts of its own making as estimated", () => {
    const reader = new ChatStreamReader(plain, "m");
    run(reader, [Buffer.from(delta("a") + delta("b") + delta("c"))]);
    expect(reader.usage()).toMatchObject({ completionTokens: 3, estimated: true });
  });

  it("takes the newest count of an engine that counts in every chunk, however it writes JSON", () => {
    const counts = [1, 2, 3].map((written) => {
      const chunk = { model: "m", choices: [{ index: 0, delta: { content: "a" } }] };
      const text = JSON.stringify({ ...chunk, usage: { prompt_tokens: 10, completion_tokens: written } });
      return `data: ${text.replaceAll('":', '": ')}\n\n`;
    });
    const reader = new ChatStreamReader(withUsage, "m");
    const sent = run(reader, [Buffer.from(`${counts.join("")}data:[DONE]\n\n`)]);
    expect(sent).not.toContain("usage");
    expect(reader.usage()).toMatchObject({ promptTokens: 10, completionTokens: 3, estimated: false });
    expect(reader.closing().toString()).toContain('"completion_tokens":3');
  });

  it("tells the client the model's id here, not the remote's name or path for it", () => {
    const reader = new ChatStreamReader(withUsage, "ours");
    const sent = run(reader, [
      Buffer.from(delta("a")),
      Buffer.from(`${delta("b") + usageEvent}data: [DONE]\n\n`),
    ]);
    const models = `${sent}${reader.closing()}`.match(/"model":"[^"]*"/g);
    expect(models).toEqual(['"model":"ours"', '"model":"ours"', '"model":"ours"']);
    expect(contents(sent)).toBe("ab");
  });

  it("charges nothing where no event came", () => {
    expect(new ChatStreamReader(plain, "m").usage()).toMatchObject({
      promptTokens: 0,
      completionTokens: 0,
      estimated: false,
    });
  });

  it("turns an engine's error event into an error", () => {
    const error =
      'data: {"error":{"code":500,"message":"slot /srv/models/x.gguf is broken","type":"server_error"}}\n\n';
    expect(() => run(new ChatStreamReader(plain, "m"), [Buffer.from(error)])).toThrow(/engine/);
  });

  it("finds out at the first event what is no stream of JSON", () => {
    const send = vi.fn();
    expect(() => new ChatStreamReader(plain, "m").push(Buffer.from("data: {not json}\n\n"), send)).toThrow(
      /malformed/,
    );
    expect(send).not.toHaveBeenCalled();
  });

  it("survives arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 })), (pieces) => {
        const reader = new ChatStreamReader(plain, "m");
        try {
          run(
            reader,
            pieces.map((piece) => Buffer.from(piece)),
          );
        } catch (error) {
          expect(isGatewayError(error)).toBe(true);
        }
        expect(reader.usage().completionTokens).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
