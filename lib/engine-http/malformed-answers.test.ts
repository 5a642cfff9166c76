import { describe, expect, it } from "vitest";
import { MalformedAnswerError } from "./answer-head.ts";
import { AnswerParser } from "./answer-parser.ts";
import { bytewise, feed, inOne } from "./test-support/feed.ts";

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;
const withHeader = (...lines: string[]) => `${ok}${lines.join("\r\n")}\r\n\r\n`;
const kilobytes = (count: number) => "x".repeat(count * 1024);

const noStatus = /begin with a status line/;
const noSize = /begin with its size/;
const tooLarge = /head of the answer is too large/;
const lineTooLong = /line is too long/;
const badLength = /has the length/;
const badEncoding = /has the transfer encoding/;
const badLine = /line does not end/;
const folded = /folded line/;

const malformed: [string, string, RegExp][] = [
  ["another protocol", "SSH-2.0-OpenSSH\r\n\r\n", noStatus],
  ["another version", "HTTP/2 200 OK\r\n\r\n", noStatus],
  ["an unknown version", "HTTP/1.2 200 OK\r\n\r\n", noStatus],
  ["small letters", "http/1.1 200 OK\r\n\r\n", noStatus],
  ["a status of two digits", "HTTP/1.1 99 No\r\n\r\n", noStatus],
  ["a status of four digits", "HTTP/1.1 2000 No\r\n\r\n", noStatus],
  ["a status that is not one", "HTTP/1.1 600 No\r\n\r\n", noStatus],
  ["no status", "HTTP/1.1 OK\r\n\r\n", noStatus],
  ["an empty line first", `\r\n${ok}\r\n`, noStatus],
  ["a request", "POST / HTTP/1.1\r\n\r\n", noStatus],
  ["a head without end", `${ok}x: ${kilobytes(65)}`, tooLarge],
  ["a large head", `${ok}x: ${kilobytes(65)}\r\n\r\n`, tooLarge],
  ["a chunk without size", `${chunked}\r\nhello\r\n`, noSize],
  ["a size of other letters", `${chunked}5g\r\nhello\r\n`, noSize],
  ["a size below 0", `${chunked}-5\r\nhello\r\n`, noSize],
  ["a size in C's notation", `${chunked}0x5\r\nhello\r\n`, noSize],
  ["two sizes", `${chunked}5 5\r\nhello\r\n`, noSize],
  ["a size beyond all bounds", `${chunked}100000000\r\nhello\r\n`, noSize],
  ["an extension without end", `${chunked}5;${kilobytes(9)}`, lineTooLong],
  ["a long extension", `${chunked}5;${kilobytes(9)}\r\nhello\r\n`, lineTooLong],
  ["a long trailer", `${chunked}0\r\nx: ${kilobytes(9)}\r\n\r\n`, lineTooLong],
  ["a chunk that is longer than it says", `${chunked}5\r\nhello!\r\n0\r\n\r\n`, /longer than it says/],
  ["a chunk that is a byte shorter than it says", `${chunked}5\r\nhell\r\n0\r\n\r\n`, badLine],
  [
    "a chunk that is two bytes shorter than it says",
    `${chunked}6\r\nhell\r\n0\r\n\r\n`,
    /longer than it says/,
  ],
  ["a bare line feed behind a size", `${chunked}5\nhello\r\n0\r\n\r\n`, badLine],
  ["a bare line feed behind a chunk", `${chunked}5\r\nhello\n0\r\n\r\n`, badLine],
  ["a bare line feed at the end", `${chunked}0\r\n\n`, badLine],
  ["a length in words", withHeader("content-length: five"), badLength],
  ["an empty length", withHeader("content-length:"), badLength],
  ["a length below 0", withHeader("content-length: -5"), badLength],
  ["a length with a sign", withHeader("content-length: +5"), badLength],
  ["a length in C's notation", withHeader("content-length: 0x5"), badLength],
  ["a length beyond all bounds", withHeader("content-length: 1000000000000000"), badLength],
  ["two lengths in a header", withHeader("content-length: 5, 5"), badLength],
  ["two lengths in two headers", withHeader("content-length: 5", "Content-Length: 6"), badLength],
  ["the same length twice", withHeader("content-length: 5", "x: y", "content-length: 5"), badLength],
  [
    "length and encoding",
    withHeader("content-length: 5", "transfer-encoding: chunked"),
    /transfer encoding and a length/,
  ],
  [
    "encoding and length",
    withHeader("transfer-encoding: chunked", "content-length: 5"),
    /transfer encoding and a length/,
  ],
  ["a compressed answer", withHeader("transfer-encoding: gzip"), badEncoding],
  ["chunks of a compressed answer", withHeader("transfer-encoding: gzip, chunked"), badEncoding],
  ["compressed chunks", withHeader("transfer-encoding: chunked, gzip"), badEncoding],
  [
    "two encodings in two headers",
    withHeader("transfer-encoding: identity", "transfer-encoding: chunked"),
    badEncoding,
  ],
  ["chunks of chunks", withHeader("transfer-encoding: chunked", "Transfer-Encoding: chunked"), badEncoding],
  ["an empty encoding", withHeader("transfer-encoding:"), badEncoding],
  ["a folded length", withHeader("content-length:", " 5"), folded],
  ["a folded encoding", withHeader("transfer-encoding:", "\tchunked"), folded],
  ["a folded header of any other kind", withHeader("content-length: 0", "x: a", "  b"), folded],
];

describe("a malformed answer", () => {
  it.each(malformed)("by %s is refused", (_name, wire, reason) => {
    for (const pieces of [inOne(wire), bytewise(wire)]) {
      const parser = new AnswerParser();
      const calls: number[] = [];
      const hooks = { onEnd: () => void calls.push(1) };
      const refused = () => feed(parser, pieces, hooks);
      expect(refused).toThrow(MalformedAnswerError);
      expect(calls).toEqual([]);
    }
    expect(() => feed(new AnswerParser(), inOne(wire))).toThrow(reason);
  });

  it("is not just a large one", () => {
    const parser = new AnswerParser();
    const head = withHeader(`x: ${kilobytes(60)}`, "transfer-encoding: chunked");
    const wire = `${head}5;${kilobytes(7)}\r\nhello\r\n0\r\nx: ${kilobytes(7)}\r\nx: ${kilobytes(7)}\r\n\r\n`;
    expect(feed(parser, inOne(wire))).toEqual(["head 200", "body hello", "end"]);
    expect(parser.keepsAlive).toBe(true);
  });
});

describe("bytes that nobody asked for", () => {
  const whole = withHeader("content-length: 2");

  it("end the use of the connection when they come with the answer", () => {
    const parser = new AnswerParser();
    let keptAtEnd = true;
    const hooks = {
      onEnd: () => {
        keptAtEnd = parser.keepsAlive;
      },
    };
    expect(feed(parser, inOne(`${whole}hi!`), hooks)).toEqual(["head 200", "body hi", "end"]);
    expect(keptAtEnd).toBe(false);
  });

  it("end it when they come later", () => {
    const parser = new AnswerParser();
    feed(parser, inOne(`${whole}hi`));
    expect(parser.keepsAlive).toBe(true);
    parser.push(Buffer.from("!"));
    expect(parser.keepsAlive).toBe(false);
  });

  it("are no answer to what is asked for next", () => {
    const parser = new AnswerParser();
    const next: string[] = [];
    const hooks = {
      onEnd: () =>
        parser.begin({
          onHead: () => next.push("head"),
          onBody: () => next.push("body"),
          onEnd: () => next.push("end"),
        }),
    };
    feed(parser, inOne(`${whole}hi${whole}no`), hooks);
    expect(next).toEqual([]);
  });
});

describe("a parser that is stopped", () => {
  const wire = withHeader("transfer-encoding: chunked").concat("2\r\nhi\r\n2\r\nho\r\n0\r\n\r\n");

  it("in the head says nothing of the body", () => {
    const parser = new AnswerParser();
    expect(feed(parser, inOne(wire), { onHead: () => parser.stop() })).toEqual(["head 200"]);
    expect(parser.keepsAlive).toBe(false);
  });

  it("in the head of an answer without body says nothing of its end", () => {
    const parser = new AnswerParser();
    const empty = withHeader("content-length: 0");
    expect(feed(parser, inOne(empty), { onHead: () => parser.stop() })).toEqual(["head 200"]);
  });

  it("in the body says nothing of the rest", () => {
    const parser = new AnswerParser();
    expect(feed(parser, inOne(wire), { onBody: () => parser.stop() })).toEqual(["head 200", "body hi"]);
  });

  it.each([
    ["of known length", withHeader("content-length: 2").concat("hi")],
    ["to the end of the connection", withHeader("x: y").concat("hi")],
  ])("in the last piece of a body %s says nothing of the end", (_kind, last) => {
    const parser = new AnswerParser();
    expect(feed(parser, inOne(last), { onBody: () => parser.stop() })).toEqual(["head 200", "body hi"]);
    parser.endOfInput();
  });
});
