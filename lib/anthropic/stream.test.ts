import { describe, expect, it } from "vitest";
import { MessagesStreamReader } from "./stream.ts";
import { callWith, delta, end, event, progress, role, toolCall } from "./testing/chat-stream.ts";

interface Read {
  reader: MessagesStreamReader;
  /** Each event's name, as it came before the end and with it. */
  sent: string;
  events: Record<string, unknown>[];
}

function read(stream: string, stopSequences: string[] = [], size = stream.length): Read {
  const reader = new MessagesStreamReader(callWith(stopSequences), "m");
  let sent = "";
  const bytes = Buffer.from(stream);
  for (let at = 0; at < bytes.length && !reader.hasEnough; at += size)
    reader.push(bytes.subarray(at, at + size), (piece) => {
      sent += piece.toString();
    });
  const text = sent + reader.closing().toString();
  const events = text.split("\n\n").filter(Boolean);
  return {
    reader,
    sent,
    events: events.map((one) => {
      const [name, data = ""] = one.split("\ndata: ");
      const value = JSON.parse(data);
      expect(name).toBe(`event: ${value.type}`);
      return value;
    }),
  };
}

const types = (events: Read["events"]) => events.map((one) => one.type);
const text = (index: number, added: string) => ({
  type: "content_block_delta",
  index,
  delta: { type: "text_delta", text: added },
});

describe("MessagesStreamReader", () => {
  const hello = role + delta({ content: "Hel" }, 1) + delta({ content: "lö" }, 2) + end("stop");

  it.each([1, 7, 1000])("writes Anthropic's events in their order, %i bytes at a time", (size) => {
    const { events } = read(progress + hello, [], size);
    expect(events).toEqual([
      {
        type: "message_start",
        message: {
          id: expect.stringMatching(/^msg_[0-9a-f]{24}$/),
          type: "message",
          role: "assistant",
          model: "m",
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: {
            input_tokens: 9,
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: 4,
            output_tokens: 0,
          },
        },
      },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      text(0, "Hel"),
      text(0, "lö"),
      { type: "content_block_stop", index: 0 },
      {
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null },
        usage: {
          input_tokens: 9,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 4,
          output_tokens: 5,
        },
      },
      { type: "message_stop" },
    ]);
  });

  it("says nothing before there is a block, so that a failure still gets a status", () => {
    const reader = new MessagesStreamReader(callWith(), "m");
    reader.push(Buffer.from(progress + role), () => expect.unreachable());
    const failure = Buffer.from(event({ error: { code: 500, message: "x", type: "server_error" } }));
    expect(() => reader.push(failure, () => {})).toThrow();
  });

  it("counts nothing at the start where the engine tells no counts by then", () => {
    const plain = event({ choices: [{ index: 0, delta: { content: "a" } }], model: "m" });
    const [start, , , , last] = read(role + plain + end("stop")).events;
    expect(start).toMatchObject({ message: { usage: { input_tokens: 0, output_tokens: 0 } } });
    expect(last).toMatchObject({ usage: { input_tokens: 9, output_tokens: 5 } });
  });

  it("gives thoughts, text and calls a block each", () => {
    const stream =
      role +
      delta({ reasoning_content: "hm" }, 1) +
      delta({ content: "Well." }, 2) +
      toolCall(0, "a", "weather", "{", '"city":"Ulm"}') +
      toolCall(1, "b", "time", "{}") +
      end("tool_calls");
    const { events } = read(stream);
    const blocks = events.filter((one) => one.type === "content_block_start");
    expect(blocks).toEqual([
      {
        type: "content_block_start",
        index: 0,
        content_block: { type: "thinking", thinking: "", signature: "" },
      },
      { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
      {
        type: "content_block_start",
        index: 2,
        content_block: { type: "tool_use", id: "a", name: "weather", input: {} },
      },
      {
        type: "content_block_start",
        index: 3,
        content_block: { type: "tool_use", id: "b", name: "time", input: {} },
      },
    ]);
    const order = events.map((one) => `${one.type} ${one.index}`).filter((one) => one.includes("block_st"));
    expect(order).toEqual(
      [0, 1, 2, 3].flatMap((at) => [`content_block_start ${at}`, `content_block_stop ${at}`]),
    );
    const input = events
      .filter((one) => one.index === 2)
      .map((one) => (one.delta as { partial_json?: string })?.partial_json);
    expect(input.join("")).toBe('{"city":"Ulm"}');
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: "tool_use" } });
  });

  it("takes calls that are all numbered 0 for those that they are", () => {
    const stream = role + toolCall(0, "a", "one", "{}") + toolCall(0, "b", "two", "{}") + end("tool_calls");
    const blocks = read(stream).events.filter((one) => one.type === "content_block_start");
    expect(blocks).toMatchObject([{ content_block: { name: "one" } }, { content_block: { name: "two" } }]);
  });

  it("refuses to go on with a call that another has followed", () => {
    const late = delta({ tool_calls: [{ index: 0, function: { arguments: "}" } }] }, 5);
    const stream = role + toolCall(0, "a", "one", "{") + toolCall(1, "b", "two", "{}") + late;
    expect(() => read(stream)).toThrow(/malformed/);
  });

  it("answers with no block where the model wrote nothing", () => {
    const { events, sent } = read(role + end("stop"));
    expect(sent).toBe("");
    expect(types(events)).toEqual(["message_start", "message_delta", "message_stop"]);
  });

  it.each([
    ["length", "max_tokens"],
    ["content_filter", "refusal"],
    ["stop", "end_turn"],
  ])("says for %s %s", (finish, reason) => {
    const { events } = read(role + delta({ content: "a" }, 1) + end(finish));
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: reason } });
  });

  it("does not give half an answer for a whole one", () => {
    expect(() => read(role + delta({ content: "Hel" }, 1))).toThrow(/ended while/);
  });
});

describe("a stop sequence", () => {
  const counting = ["one", " two", " thr", "ee", " four", " five"].map((word, index) =>
    delta({ content: word }, index + 1),
  );

  it("ends the answer, and what was written by then counts", () => {
    const { events, reader } = read(role + counting.join(""), [" three"]);
    expect(reader.hasEnough).toBe(true);
    const shown = events.filter((one) => one.type === "content_block_delta");
    expect(shown).toEqual([text(0, "one"), text(0, " two")]);
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: "stop_sequence", stop_sequence: " three" },
      usage: { input_tokens: 9, output_tokens: 4 },
    });
    expect(reader.usage()).toMatchObject({ completionTokens: 4, estimated: false });
  });

  it("may begin an answer, which then has no block", () => {
    const { events } = read(role + counting.join(""), ["one"]);
    expect(types(events)).toEqual(["message_start", "message_delta", "message_stop"]);
  });

  it("that does not come whole is text, before whatever follows", () => {
    const stream = role + delta({ content: "a #" }, 1) + toolCall(0, "a", "one", "{}") + end("tool_calls");
    const { events } = read(stream, ["##"]);
    expect(events.filter((one) => one.index === 0)).toMatchObject([
      { type: "content_block_start" },
      text(0, "a "),
      text(0, "#"),
      { type: "content_block_stop" },
    ]);
  });

  it("is not looked for in thoughts", () => {
    const stream = role + delta({ reasoning_content: "one" }, 1) + delta({ content: "two" }, 2) + end("stop");
    expect(read(stream, ["one"]).events.at(-2)).toMatchObject({ delta: { stop_reason: "end_turn" } });
  });

  it.each(["stop_reason", "matched_stop"])("is known where a remote tells it by %s", (member) => {
    const finish = (stop: unknown) =>
      event({ choices: [{ index: 0, delta: {}, finish_reason: "stop", [member]: stop }], model: "m" });
    const ending = (stop: unknown) =>
      read(`${role}${delta({ content: "a" }, 1)}${finish(stop)}data: [DONE]\n\n`, ["#"]).events.at(-2)?.delta;
    expect(ending("#")).toEqual({ stop_reason: "stop_sequence", stop_sequence: "#" });
    for (const other of [null, 2, "</s>"])
      expect(ending(other)).toEqual({ stop_reason: "end_turn", stop_sequence: null });
  });
});
