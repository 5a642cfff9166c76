import { describe, expect, it } from "vitest";
import { EventSplitter, EventTooLargeError, eventData } from "./sse.ts";

function split(text: string, sizeBytes: number): string[] {
  const bytes = Buffer.from(text);
  const splitter = new EventSplitter();
  const events: string[] = [];
  for (let at = 0; at < bytes.length; at += sizeBytes)
    splitter.push(bytes.subarray(at, at + sizeBytes), (event) => events.push(event.toString("utf8")));
  return events;
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
    }).toThrow(EventTooLargeError);
  });
});

describe("eventData", () => {
  it.each([
    ["data: text\n\n", "text"],
    ["data:text\n\n", "text"],
    ["data: one\ndata: two\n\n", "one\ntwo"],
    ["event: error\ndata: x\n\n", "x"],
    ["data: text\r\n\r\n", "text"],
    ["data: \n\n", ""],
    [": comment\n\n", null],
    ["event: ping\n\n", null],
  ])("reads %j as %j", (event, data) => {
    expect(eventData(Buffer.from(event))).toBe(data);
  });
});
