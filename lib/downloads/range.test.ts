import { describe, expect, it } from "vitest";
import { type HaveBytes, rangeHeaders, readRange } from "./range.ts";

const have: HaveBytes = { bytes: 100, etag: '"a"', sizeBytes: 1000, hasSum: true };
const headers = (values: Record<string, string>) => new Headers(values);
const partial = (range: string, etag = '"a"') => headers({ "content-range": range, etag });

describe("what is asked for", () => {
  it("is all of it where nothing is there, or nobody could tell what it is of", () => {
    expect(rangeHeaders({ ...have, bytes: 0 })).toEqual({});
    expect(rangeHeaders({ ...have, etag: null, hasSum: false })).toEqual({});
    expect(rangeHeaders({ ...have, etag: 'W/"a"', hasSum: false })).toEqual({});
  });

  it("is the rest, of the same file where it has a strong ETag", () => {
    expect(rangeHeaders(have)).toEqual({ range: "bytes=100-", "if-range": '"a"' });
    expect(rangeHeaders({ ...have, etag: 'W/"a"' })).toEqual({ range: "bytes=100-" });
  });
});

describe("what an answer means", () => {
  it.each([
    ["the rest", 206, partial("bytes 100-999/1000"), have, { kind: "append" }],
    ["the rest, of unknown size", 206, partial("bytes 100-999/*"), have, { kind: "append" }],
    ["another part", 206, partial("bytes 0-999/1000"), have, { kind: "discard" }],
    ["no part at all", 206, headers({}), have, { kind: "discard" }],
    ["the rest of another file", 206, partial("bytes 100-999/1000", '"b"'), have, { kind: "discard" }],
    ["all of it", 200, headers({ "content-length": "1000" }), have, { kind: "anew", sizeBytes: 1000 }],
    ["all of it, untold how much", 200, headers({}), have, { kind: "anew", sizeBytes: null }],
    ["nothing there", 416, headers({ "content-range": "bytes */1000" }), have, { kind: "discard" }],
    ["another size", 200, headers({ "content-length": "9" }), have, { kind: "other", sizeBytes: 9 }],
    [
      "another size of a file without a sum",
      200,
      headers({ "content-length": "9" }),
      { ...have, hasSum: false },
      { kind: "anew", sizeBytes: 9 },
    ],
    [
      "the rest of one that is larger now",
      206,
      partial("bytes 100-1999/2000"),
      { ...have, hasSum: false },
      { kind: "discard" },
    ],
  ] as const)("%s", (_what, status, answered, before, meaning) => {
    expect(readRange(status, answered, before)).toEqual(meaning);
  });
});
