import { describe, expect, it } from "vitest";
import { EventSplitter, eventData, isNamedError } from "./sse.ts";

function split(text: string, sizeBytes: number): string[] {
  const bytes = Buffer.from(text);
  const splitter = new EventSplitter();
  const events: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += sizeBytes)
    splitter.push(Buffer.from(bytes.subarray(at, at + sizeBytes)), (event) => events.push(event));
  // Read at the end: what was handed on stays as it was, whatever comes after it.
  return events.map((event) => event.toString("utf8"));
}

describe("EventSplitter", () => {
  const events = [
    "data: 1\n\n",
    ": comment\n\n",
    "event: x\ndata: ü\n\n",
    "data: 2\r\n\r\n",
    "id: 7\r\ndata: 3\r\n\r\n",
  ];

  it.each([1, 2, 3, 7, 1000])("cuts events out of chunks of %i bytes", (sizeBytes) => {
    expect(split(`${events.join("")}data: unfinished\n`, sizeBytes)).toEqual(events);
  });

  it("takes a line feed after a line that ended in CRLF for the end, too", () => {
    expect(split("data: 1\r\n\ndata: 2\n\r\n", 1000)).toEqual(["data: 1\r\n\n", "data: 2\n\r\n"]);
  });

  it("refuses an event without end", () => {
    const splitter = new EventSplitter();
    const chunk = Buffer.alloc(1024 * 1024, "a");
    expect(() => {
      for (let count = 0; count < 6; count++) splitter.push(chunk, () => {});
    }).toThrow(/event without end/);
  });

  it("takes a large event in tiny pieces in time that grows with its size alone", () => {
    const piece = Buffer.from("abcdefghijklmnop");
    const splitter = new EventSplitter();
    const found: number[] = [];
    const startedMs = performance.now();
    for (let count = 0; count < 200_000; count++)
      splitter.push(piece, (event) => void found.push(event.length));
    splitter.push(Buffer.from("\n\n"), (event) => void found.push(event.length));
    expect(found).toEqual([200_000 * 16 + 2]);
    // It takes 0.1 s; copied again for each piece, those are 320 GB.
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  }, 600_000);

  it.each([
    ["data: [DONE]", "data: [DONE]\n\n"],
    ["data: [DONE]\n", "data: [DONE]\n\n"],
    ["data: [DONE]\r\n", "data: [DONE]\r\n\n"],
    ["data: [DONE]\r", "data: [DONE]\r\n\n"],
    ['data: {"a":1}', 'data: {"a":1}\n\n'],
    ['event: error\ndata: {"a":1}\n', 'event: error\ndata: {"a":1}\n\n'],
    ['data: {"a":', null],
    ["data: [DON", null],
    [": comment", null],
    ["", null],
  ])("gives what is left of %j at the end as %j", (rest, event) => {
    const splitter = new EventSplitter();
    for (const byte of Buffer.from(`data: 1\n\n${rest}`)) splitter.push(Buffer.from([byte]), () => {});
    expect(splitter.lastEvent()?.toString() ?? null).toBe(event);
  });
});

describe("eventData", () => {
  it.each([
    ["data: text\n\n", "text"],
    ["data:text\n\n", "text"],
    ["data: one\ndata: two\n\n", "one\ntwo"],
    ["event: error\ndata: x\n\n", "x"],
    ["data: text\r\n\r\n", "text"],
    ["data: text\r\n\n", "text"],
    ["data: \n\n", ""],
    [": comment\n\n", null],
    ["event: ping\n\n", null],
  ])("reads %j as %j", (event, data) => {
    expect(eventData(Buffer.from(event))).toBe(data);
  });
});

describe("isNamedError", () => {
  it.each([
    ["event: error\ndata: x\n\n", true],
    ["event:error\r\ndata: x\r\n\r\n", true],
    ["data: x\nevent: error\n\n", true],
    ["event: errors\ndata: x\n\n", false],
    ["data: event: error\n\n", false],
    [": event: error\n\n", false],
  ])("takes %j for %j", (event, isError) => {
    expect(isNamedError(Buffer.from(event))).toBe(isError);
  });
});
