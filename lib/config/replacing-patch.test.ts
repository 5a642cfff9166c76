import fc from "fast-check";
import { expect, it } from "vitest";
import { mergePatch } from "./merge-patch.ts";
import { replacingPatch } from "./replacing-patch.ts";

const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer()));
const key = fc.constantFrom("a", "b", "c", "constructor");
const json = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small" }, leaf, fc.dictionary(key, tie("value"), { maxKeys: 4 })),
})).value;

it("gives what is wanted, whatever was there", () => {
  fc.assert(
    fc.property(json, json, (before, after) => {
      expect(mergePatch(before, replacingPatch(before, after))).toEqual(after);
    }),
    { numRuns: 500 },
  );
});
