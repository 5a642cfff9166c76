import fc from "fast-check";
import { expect, it } from "vitest";
import { LastBytes } from "./last-bytes.ts";

it("keeps the last whole lines, wherever the pieces end", () => {
  const last = new LastBytes(14);
  last.add(Buffer.from("one\ntw"));
  expect(last.lines(5)).toEqual(["one"]);
  last.add(Buffer.from("ö\nthree\n"));
  expect(last.lines(5)).toEqual(["twö", "three"]);
  expect(last.lines(1)).toEqual(["three"]);
  expect(last.lines(0)).toEqual([]);
});

it("holds the end of everything that was added", () => {
  const size = 50;
  const pieces = fc.array(fc.uint8Array({ maxLength: 120 }), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, (parts) => {
      const last = new LastBytes(size);
      for (const part of parts) last.add(Buffer.from(part));
      expect(last.bytes()).toEqual(Buffer.concat(parts).subarray(-size));
    }),
  );
});
