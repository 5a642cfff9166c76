import { describe, expect, test } from "vitest";
import { Outbox } from "./outbox.ts";

/** A socket whose system takes what is sent when the test says so. */
function slowSocket() {
  const sent: string[] = [];
  let waiting: (() => void) | null = null;
  const outbox = new Outbox((text, onSent) => {
    if (waiting) throw new Error("Two messages are on their way.");
    sent.push(text);
    waiting = onSent;
  });
  const take = () => {
    const onSent = waiting;
    waiting = null;
    onSent?.();
    return onSent !== null;
  };
  const takeAll = () => {
    while (take());
  };
  return { outbox, sent, take, takeAll, messages: () => sent.map((text) => JSON.parse(text)) };
}

describe("states", () => {
  test("a slow reader gets the latest of each topic, not all of them", () => {
    const { outbox, takeAll, messages } = slowSocket();
    for (let version = 1; version <= 1_000; version++) {
      outbox.state("slots", JSON.stringify({ version }));
      outbox.state("queue", JSON.stringify([version]));
    }
    takeAll();
    expect(messages()).toEqual([
      { topic: "slots", data: { version: 1 } },
      { topic: "queue", data: [1_000] },
      { topic: "slots", data: { version: 1_000 } },
    ]);
  });

  test("one that changes all the time does not keep others waiting", () => {
    const { outbox, take, messages } = slowSocket();
    outbox.state("system", "0");
    outbox.state("slots", '"slots"');
    for (let version = 1; version <= 3; version++) {
      outbox.state("system", String(version));
      take();
    }
    expect(messages().map(({ topic }) => topic)).toContain("slots");
    // Neither is a log.
    outbox.lines("logs:1", { lines: ["x"], dropped: 0 });
    for (let version = 4; version <= 6; version++) {
      outbox.state("system", String(version));
      take();
    }
    expect(messages().map(({ topic }) => topic)).toContain("logs:1");
  });
});

describe("lines", () => {
  test("a slow reader gets the last ones, and how many are missing", () => {
    const { outbox, take, takeAll, messages } = slowSocket();
    outbox.lines("logs:1", { lines: ["first"], dropped: 0 });
    for (let line = 1; line <= 2_000; line++) outbox.lines("logs:1", { lines: [`line ${line}`], dropped: 0 });
    take();
    const [first, second] = messages();
    expect(first.data).toEqual({ lines: ["first"], dropped: 0 });
    expect(second.data.dropped).toBe(1_500);
    expect(second.data.lines).toHaveLength(500);
    expect(second.data.lines.at(-1)).toBe("line 2000");
    outbox.lines("logs:1", { lines: ["later"], dropped: 0 });
    takeAll();
    expect(messages().at(-1).data).toEqual({ lines: ["later"], dropped: 0 });
  });

  test("long lines are bounded by their length", () => {
    const { outbox, sent, takeAll } = slowSocket();
    outbox.lines("logs:1", { lines: [], dropped: 0 });
    for (let line = 0; line < 400; line++) outbox.lines("logs:1", { lines: ["x".repeat(2_000)], dropped: 0 });
    takeAll();
    expect(sent[1]?.length).toBeLessThan(510_000);
    expect(JSON.parse(sent[1] ?? "").data).toMatchObject({ dropped: 150 });
  });
});

test("what a log dropped itself is counted with it", () => {
  const { outbox, takeAll, messages } = slowSocket();
  outbox.lines("logs:1", { lines: ["a"], dropped: 0 });
  outbox.lines("logs:1", { lines: ["b"], dropped: 3 });
  outbox.lines("logs:1", { lines: ["c"], dropped: 4 });
  takeAll();
  expect(messages().map(({ data }) => data)).toEqual([
    { lines: ["a"], dropped: 0 },
    { lines: ["b", "c"], dropped: 7 },
  ]);
});

test("what nobody watches any more is not sent", () => {
  const { outbox, takeAll, sent } = slowSocket();
  outbox.state("queue", "1");
  outbox.state("slots", "1");
  outbox.lines("logs:1", { lines: ["x"], dropped: 0 });
  outbox.forget("slots");
  outbox.forget("logs:1");
  takeAll();
  expect(sent).toHaveLength(1);
});

test("errors are told, but not without end", () => {
  const { outbox, takeAll, messages } = slowSocket();
  for (let index = 0; index < 1_000; index++) outbox.notice({ error: index });
  takeAll();
  expect(messages().map(({ error }) => error)).toEqual(Array.from({ length: 21 }, (_, index) => index));
});
