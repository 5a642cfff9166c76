import { describe, expect, it } from "vitest";
import { AnswerParser } from "./answer-parser.ts";
import { bytewise, feed, inOne, splitAt } from "./test-support/feed.ts";

interface Expected {
  status?: number;
  body?: string;
  keepsAlive?: boolean;
  keepAliveMs?: number | null;
  /** The answer ends only with the connection. */
  toClose?: boolean;
}

const ok = "HTTP/1.1 200 OK\r\n";
const allBytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString("latin1");

const valid: [string, string, Expected][] = [
  ["a length", `${ok}Content-Length: 5\r\n\r\nhello`, { body: "hello" }],
  ["a length of 0", `${ok}content-length: 0\r\n\r\n`, {}],
  ["a length among blanks", `${ok}CONTENT-LENGTH: \t 5 \t\r\n\r\nhello`, { body: "hello" }],
  ["a length, a blank before the colon", `${ok}content-length : 5\r\n\r\nhello`, { body: "hello" }],
  ["any byte", `${ok}content-length: 256\r\n\r\n${allBytes}`, { body: allBytes }],
  ["no reason", "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nhi", { body: "hi" }],
  ["an empty reason", "HTTP/1.1 503 \r\ncontent-length: 2\r\n\r\nhi", { status: 503, body: "hi" }],
  ["chunks", `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`, { body: "hello!" }],
  ["no chunks", `${ok}transfer-encoding:CHUNKED \r\n\r\n0\r\n\r\n`, {}],
  [
    "chunks with extensions",
    `${ok}transfer-encoding: chunked\r\n\r\n5;a=b;c="d;e"\r\nhello\r\n0A \t; x\r\n0123456789\r\n0;z\r\n\r\n`,
    { body: "hello0123456789" },
  ],
  [
    "trailers",
    `${ok}transfer-encoding: chunked\r\n\r\n1\r\na\r\n000\r\nx-a: 1\r\ncontent-length: 9\r\n\r\n`,
    { body: "a" },
  ],
  [
    "chunks that look like framing",
    `${ok}transfer-encoding: chunked\r\n\r\n7\r\n\r\n0\r\n\r\n\r\n2\r\n\r\n\r\n0\r\n\r\n`,
    { body: "\r\n0\r\n\r\n\r\n" },
  ],
  ["neither", `${ok}\r\nto the\r\n\r\nend`, { body: "to the\r\n\r\nend", keepsAlive: false, toClose: true }],
  ["neither, and nothing", `${ok}\r\n`, { keepsAlive: false, toClose: true }],
  [
    "transfer-encoding: identity",
    `${ok}transfer-encoding: identity\r\n\r\nhi`,
    { body: "hi", keepsAlive: false, toClose: true },
  ],
  ["status 204", "HTTP/1.1 204 No Content\r\nx: y\r\n\r\n", { status: 204 }],
  ["status 304", "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", { status: 304 }],
  [
    "interim answers before it",
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nconnection: close\r\ncontent-length: 9\r\n\r\n${ok}content-length: 2\r\n\r\nhi`,
    { body: "hi" },
  ],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi", { body: "hi", keepsAlive: false }],
  [
    "HTTP/1.0 that would keep the connection",
    "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nhi",
    { body: "hi", keepsAlive: false },
  ],
  ["connection: close", `${ok}Connection: Close\r\ncontent-length: 0\r\n\r\n`, { keepsAlive: false }],
  [
    "connection: close, said in the first of two",
    `${ok}connection: close\r\ncontent-length: 0\r\nconnection: x-hop\r\n\r\n`,
    { keepsAlive: false },
  ],
  [
    "connection: close, said in the second of two",
    `${ok}connection: x-hop\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    { keepsAlive: false },
  ],
  ["connection: keep-alive", `${ok}connection: keep-alive\r\ncontent-length: 0\r\n\r\n`, {}],
  [
    "a time for idle connections",
    `${ok}Keep-Alive: max=100, timeout=5\r\ncontent-length: 0\r\n\r\n`,
    { keepAliveMs: 5_000 },
  ],
  ["none", `${ok}keep-alive: timeout=0\r\ncontent-length: 0\r\n\r\n`, { keepAliveMs: 0 }],
  ["other words of keep-alive", `${ok}keep-alive: max=7\r\ncontent-length: 0\r\n\r\n`, {}],
  [
    "headers that only sound like these",
    `${ok}x-content-length: 9\r\nproxy-connection: close\r\nx: content-length: 9, connection: close\r\ncontent-length: 2\r\nx-transfer-encoding: gzip\r\nxkeep-alive: timeout=9\r\n\r\nhi`,
    { body: "hi" },
  ],
];

type WaysToSplit = (wire: string) => Buffer[][];

describe.each<[string, WaysToSplit]>([
  ["in one piece", (wire) => [inOne(wire)]],
  ["byte by byte", (wire) => [bytewise(wire)]],
  [
    "split at every position",
    (wire) => Array.from({ length: wire.length - 1 }, (_, index) => splitAt(wire, index + 1)),
  ],
])("an answer that comes %s", (_way, waysToSplit) => {
  it.each(valid)("has its body told by %s", (_name, wire, expected) => {
    const { status = 200, body = "", keepsAlive = true, keepAliveMs = null, toClose = false } = expected;
    for (const pieces of waysToSplit(wire)) {
      const parser = new AnswerParser();
      const calls = feed(parser, pieces);
      if (toClose) {
        expect(calls).not.toContain("end");
        parser.endOfInput();
      }
      expect(calls).toEqual([`head ${status}`, ...(body === "" ? [] : [`body ${body}`]), "end"]);
      expect(parser).toMatchObject({ keepsAlive, keepAliveMs });
    }
  });

  it("ends where it ends: one after another on the same connection", () => {
    const reusable = valid.filter(([, , { keepsAlive = true }]) => keepsAlive);
    expect(reusable.length).toBeGreaterThan(15);
    const parser = new AnswerParser();
    for (const [, wire, { status = 200, body = "", keepAliveMs = null }] of reusable)
      for (const pieces of waysToSplit(wire)) {
        expect(feed(parser, pieces)).toEqual([
          `head ${status}`,
          ...(body === "" ? [] : [`body ${body}`]),
          "end",
        ]);
        expect(parser).toMatchObject({ keepsAlive: true, keepAliveMs });
      }
  });
});

describe("an answer that breaks off", () => {
  it.each([
    ["before it began", ""],
    ["in its head", `${ok}content-length: 0\r\n`],
    ["after an interim one", "HTTP/1.1 100 Continue\r\n\r\n"],
    ["in its body", `${ok}content-length: 5\r\n\r\nhell`],
    ["in a chunk", `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhell`],
    ["between chunks", `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`],
    ["before the last line", `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n`],
  ])("%s is not whole", (_where, wire) => {
    for (const pieces of [inOne(wire), bytewise(wire)]) {
      const parser = new AnswerParser();
      const calls = feed(parser, pieces);
      parser.endOfInput();
      expect(calls).not.toContain("end");
    }
  });
});
