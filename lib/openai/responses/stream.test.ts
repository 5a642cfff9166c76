import { describe, expect, it } from "vitest";
import { ResponsesStreamReader } from "./stream.ts";
import {
  callOf,
  counts,
  delta,
  done,
  end,
  event,
  eventsIn,
  finalOf,
  role,
  streamed,
  timings,
  type WireEvent,
  whole,
  withoutIds,
} from "./testing.ts";

const text = (content: string, more: object = {}) => delta({ content }, null, more);
const thought = (reasoning_content: string, more: object = {}) => delta({ reasoning_content }, null, more);
const call = (index: number, fields: object) => delta({ tool_calls: [{ index, ...fields }] });
const begun = (index: number, id: string, name: string) =>
  call(index, { id, type: "function", function: { name, arguments: "" } });
const written = (index: number, text: string) => call(index, { function: { arguments: text } });

/** Types in short, neighbours of the same type once. */
function order(events: readonly WireEvent[]): string[] {
  const types = events.map(({ type }) => type.replace("response.", ""));
  return types.filter((type, index) => type !== types[index - 1]);
}

const textPart = ["content_part.added", "output_text.delta", "output_text.done", "content_part.done"];
const message = ["output_item.added", ...textPart, "output_item.done"];
const functionCall = [
  "output_item.added",
  "function_call_arguments.delta",
  "function_call_arguments.done",
  "output_item.done",
];

describe("text", () => {
  const stream = role + text("Hel") + text('lö "you"\n') + end();

  it("comes as OpenAI sends it", () => {
    const events = streamed(stream);
    expect(order(events)).toEqual(["created", "in_progress", ...message, "completed"]);
    const [created, inProgress] = events;
    expect(created).toMatchObject({ response: { status: "in_progress", output: [], usage: null } });
    expect(inProgress).toMatchObject({ response: { id: finalOf(events).id } });
    const deltas = events.filter((event) => event.type === "response.output_text.delta");
    expect(deltas.map((event) => event.delta)).toEqual(["Hel", 'lö "you"\n']);
    expect(deltas[0]).toMatchObject({ output_index: 0, content_index: 0, logprobs: [] });
    const response = finalOf(events);
    expect(response.output).toEqual([
      {
        id: deltas[0]?.item_id,
        type: "message",
        status: "completed",
        role: "assistant",
        content: [{ type: "output_text", text: 'Hellö "you"\n', annotations: [], logprobs: [] }],
      },
    ]);
    expect(response).toMatchObject({ status: "completed", incomplete_details: null, error: null });
    expect(response.usage).toEqual({
      input_tokens: 32,
      input_tokens_details: { cached_tokens: 3, cache_write_tokens: 0 },
      output_tokens: 9,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 41,
    });
  });

  it.each([1, 2, 3, 7, 64])("comes whole from pieces of %i bytes", (sizeBytes) => {
    expect(withoutIds(finalOf(streamed(stream, {}, sizeBytes)))).toEqual(withoutIds(whole(stream)));
  });

  it("of nothing is an empty message", () => {
    const events = streamed(role + end());
    const empty = message.filter((type) => type !== "output_text.delta");
    expect(order(events)).toEqual(["created", "in_progress", ...empty, "completed"]);
    expect(finalOf(events).output).toMatchObject([{ content: [{ type: "output_text", text: "" }] }]);
  });

  it("of several models' making needs no finish reason, and takes a refusal apart", () => {
    const events = streamed(text("I ") + delta({ refusal: "won't." }) + counts + done);
    expect(order(events)).toContain("refusal.delta");
    expect(finalOf(events).output).toMatchObject([
      {
        content: [
          { type: "output_text", text: "I " },
          { type: "refusal", refusal: "won't." },
        ],
      },
    ]);
  });
});

describe("reasoning", () => {
  it.each([
    ["reasoning_content", thought("hm"), thought(" yes", { timings: timings(4) })],
    ["reasoning", delta({ reasoning: "hm" }), delta({ reasoning: " yes" }, null, { timings: timings(4) })],
  ])("in %s is an item of its own before the answer, and counted", (_name, ...pieces) => {
    const events = streamed(role + pieces.join("") + text("4", { timings: timings(6) }) + end());
    expect(order(events)).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "reasoning_text.delta",
      "reasoning_text.done",
      "content_part.done",
      "output_item.done",
      ...message,
      "completed",
    ]);
    const { output, usage } = finalOf(events);
    expect(output).toMatchObject([
      { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "hm yes" }] },
      { type: "message", content: [{ text: "4" }] },
    ]);
    expect(usage?.output_tokens_details.reasoning_tokens).toBe(4);
  });

  it("is counted as the engine counts it, where it does", () => {
    const reported = {
      completion_tokens: 9,
      prompt_tokens: 1,
      completion_tokens_details: { reasoning_tokens: 5 },
    };
    const events = streamed(thought("hm") + text("4") + event({ choices: [], usage: reported }) + done);
    expect(finalOf(events).usage?.output_tokens_details.reasoning_tokens).toBe(5);
  });
});

describe("calls of functions", () => {
  it("come one after the other", () => {
    const calls =
      begun(0, "a", "f") + written(0, '{"x":') + written(0, "1}") + begun(1, "b", "g") + written(1, "{}");
    const events = streamed(role + text("I look.") + calls + end("tool_calls"));
    expect(order(events)).toEqual([
      "created",
      "in_progress",
      ...message,
      ...functionCall,
      ...functionCall,
      "completed",
    ]);
    const doneEvents = events.filter((event) => event.type === "response.function_call_arguments.done");
    expect(doneEvents).toMatchObject([
      { name: "f", arguments: '{"x":1}', output_index: 1 },
      { name: "g", arguments: "{}", output_index: 2 },
    ]);
    expect(finalOf(events).output.slice(1)).toMatchObject([
      { type: "function_call", call_id: "a", name: "f", arguments: '{"x":1}', status: "completed" },
      { type: "function_call", call_id: "b", name: "g", arguments: "{}", status: "completed" },
    ]);
  });

  it("may come in alternating pieces", () => {
    const pieces = begun(0, "a", "f") + written(0, '{"x":') + begun(1, "b", "g") + written(1, "{}");
    const { output } = finalOf(streamed(pieces + written(0, "1}") + end("tool_calls")));
    expect(output).toMatchObject([{ arguments: '{"x":1}' }, { arguments: "{}" }]);
  });

  it("may all have the number 0, no id, or no parameters", () => {
    const numbered = begun(0, "a", "f") + written(0, "{}") + begun(0, "b", "g") + written(0, "{}");
    expect(finalOf(streamed(numbered + end())).output).toMatchObject([{ call_id: "a" }, { call_id: "b" }]);
    const bare = call(0, { function: { name: "f" } });
    expect(finalOf(streamed(bare + end())).output).toMatchObject([
      { call_id: expect.stringMatching(/^call_./), arguments: "{}" },
    ]);
  });

  it("that were whole take no more", () => {
    const pieces = begun(0, "a", "f") + written(0, "{}") + begun(1, "b", "g") + written(0, "{}");
    expect(() => streamed(pieces + end())).toThrow(/malformed/);
  });
});

describe("an answer that was cut", () => {
  it.each([
    ["length", "max_output_tokens"],
    ["content_filter", "content_filter"],
  ])("for %s says so", (finish, reason) => {
    const events = streamed(text("one two") + end(finish));
    expect(order(events).at(-1)).toBe("incomplete");
    expect(finalOf(events)).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason },
      completed_at: null,
      output: [{ type: "message", status: "incomplete" }],
    });
  });

  it("within a call leaves that incomplete, and those before whole", () => {
    const calls = begun(0, "a", "f") + written(0, "{}") + begun(1, "b", "g") + written(1, '{"x":');
    expect(finalOf(streamed(calls + end("length"))).output).toMatchObject([
      { status: "completed" },
      { status: "incomplete", arguments: '{"x":' },
    ]);
  });
});

describe("log probabilities", () => {
  const token = (name: string) => ({ token: name, logprob: -1, bytes: [1], top_logprobs: [] });
  const withProbabilities = (content: string, ...names: string[]) =>
    event({ choices: [{ index: 0, delta: { content }, logprobs: { content: names.map(token) } }] });

  it("come with their text, also where that came later", () => {
    const fields = { include: ["message.output_text.logprobs"] };
    const events = streamed(
      withProbabilities("", "a") + withProbabilities("ä", "b") + withProbabilities("c", "c") + end(),
      fields,
    );
    const deltas = events.filter((event) => event.type === "response.output_text.delta");
    expect(deltas.map(({ logprobs }) => logprobs.map(({ token }) => token))).toEqual([["a", "b"], ["c"]]);
    const [item] = finalOf(events).output;
    const [part] = item?.type === "message" ? item.content : [];
    expect(part).toMatchObject({ text: "äc", logprobs: [token("a"), token("b"), token("c")] });
  });
});

describe("failures", () => {
  const reader = () => new ResponsesStreamReader(callOf(), "m");
  const feed = (to: ResponsesStreamReader, ...pieces: string[]) => {
    let sent = "";
    for (const piece of pieces)
      to.push(Buffer.from(piece), (bytes) => {
        sent += bytes.toString();
      });
    return sent;
  };

  it("before the first piece leave room for a status", () => {
    const early = reader();
    expect(feed(early, role, ": ping\n\n", "data:\n\n")).toBe("");
    expect(() => feed(early, 'data: {"error":{"message":"no"}}\n\n')).toThrow(/failed on this request/);
    expect(early.eventsSent).toBe(0);
  });

  it("after it find the count of events, and the usage so far", () => {
    const late = reader();
    const events = eventsIn(feed(late, role + text("a"), text("b", { timings: timings(2) })));
    expect(late.eventsSent).toBe(events.length);
    expect(() => feed(late, 'data: {"choices":[],"error":{"message":"no"}}\n\n')).toThrow(/failed/);
    expect(() => feed(late, "data: {not json}\n\n")).toThrow(/malformed/);
    expect(late.eventsSent).toBe(events.length);
    expect(late.usage()).toMatchObject({ promptTokens: 32, completionTokens: 2, estimated: false });
  });

  it("at the end are found out", () => {
    const cut = reader();
    feed(cut, text("a"), text("b"));
    expect(() => cut.closing()).toThrow(/ended while/);
    expect(cut.usage()).toMatchObject({ completionTokens: 2, estimated: true });
  });
});
