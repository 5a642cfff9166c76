import { describe, expect, it } from "vitest";
import { EventShape } from "./event-shape.ts";
import { isTimingsLast, timingsStart } from "./event-text.ts";

const before = 'data: {"model":"m","choices":[{"index":0,"delta":{"content":"';
const event = (text: string, rest = "") => `${before}${text}"}}]${rest}}\n\n`;
const timings = ',"timings":{"cache_n":0,"predicted_n":';

describe("EventShape", () => {
  const shape = new EventShape();
  shape.learn(event("one"), -1);

  it.each(["two", "\\n", 'a \\"quote\\" inside', "ü"])("knows an event of the text %s", (text) => {
    const known = event(text);
    const isKnown = shape.end(known, 0) === known.length;
    // An escaped quote takes the long way.
    expect(isKnown).toBe(!text.includes('"'));
  });

  it.each([
    ["no text", event("")],
    ["an escape at its end", event("a\\")],
    ["more behind its text", event("a", ',"usage":{}')],
    ["another key", event("a").replace("content", "refusal")],
    ["another model", event("a").replace('"m"', '"n"')],
    ["a line of its own in the text", event("a\n\ndata: [DONE]\n\nb")],
    ["less", before],
    ["nothing", ""],
  ])("does not know an event with %s", (_what, text) => expect(shape.end(text, 0)).toBe(-1));

  it("counts the events of a chunk only where it knows all of them", () => {
    expect(shape.count(event("a") + event("b") + event("c"))).toBe(3);
    expect(shape.count(`${event("a")}: comment\n\n`)).toBe(0);
    expect(shape.count(event("a") + event("b").slice(0, -1))).toBe(0);
  });

  it("knows nothing at first, and nothing of an event without text", () => {
    expect(new EventShape().end(event("a"), 0)).toBe(-1);
    const list = new EventShape();
    list.learn('data: {"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}\n\n', -1);
    expect(list.end(event("a"), 0)).toBe(-1);
  });

  it("can be told of another key for the text", () => {
    const completion = (text: string) => `data: {"choices":[{"text":"${text}","index":0}]}\n\n`;
    const other = new EventShape((text) => text.indexOf('"text":'));
    other.learn(completion("one"), -1);
    expect(other.end(completion("another"), 0)).toBe(completion("another").length);
    expect(completion("a").slice(other.textStart)).toBe('a","index":0}]}\n\n');
  });

  it("knows events up to the figures of their timings", () => {
    const timed = new EventShape();
    const first = event("a", `${timings}1}`);
    timed.learn(first, timingsStart(first));
    const second = event("b", `${timings}22}`);
    expect(timed.hasTimings).toBe(true);
    // A chunk may break off just there.
    expect(timed.count(second.slice(0, timed.end(second, 0)))).toBe(0);
    expect(second.slice(timed.end(second, 0))).toBe('"cache_n":0,"predicted_n":22}}\n\n');
  });
});

describe("isTimingsLast", () => {
  it.each([
    [event("a", `${timings}1}`), true],
    [event("a", `${timings}1},"created":1`), false],
    [event("a", `${timings}1,"more":{}}`), false],
    [event("a", `${timings}1,"more":"}"}`), false],
    [event("a", `,"x":{"y":1${timings}1}}`), false],
    [event("a", `${timings}1}`).replaceAll("\n", "\r\n"), false],
  ])("takes %j for %j", (text, isLast) => expect(isTimingsLast(text, timingsStart(text))).toBe(isLast));
});
