import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StopSequences } from "./stop-sequences.ts";

/** What is shown of a text that comes in these pieces, and what ended it. */
function shown(sequences: string[], pieces: string[]) {
  const stop = new StopSequences(sequences);
  const texts = pieces.map((piece) => (stop.matched === null ? stop.push(piece) : ""));
  return { texts, text: texts.join("") + stop.rest(), matched: stop.matched };
}

describe("StopSequences", () => {
  it("lets all pass where there are none", () => {
    expect(shown([], ["a", "b"])).toEqual({ texts: ["a", "b"], text: "ab", matched: null });
  });

  it("holds back only what may begin one", () => {
    expect(shown(["###"], ["a #", "b ##", " c"])).toMatchObject({
      texts: ["a ", "#b ", "## c"],
      matched: null,
    });
    expect(shown(["###"], ["a #", "#", "# b"])).toMatchObject({ texts: ["a ", "", ""], matched: "###" });
    expect(shown(["###"], ["a ##"])).toMatchObject({ text: "a ##", matched: null });
  });

  it("ends at the first of several in the text, and of two in one place at the first of the list", () => {
    expect(shown(["two", "one"], ["zero one two"])).toMatchObject({ text: "zero ", matched: "one" });
    expect(shown(["on", "one"], ["zero one"])).toMatchObject({ text: "zero ", matched: "on" });
  });

  it("does not mind how a text is cut", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 30 });
    const sequence = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(letters, fc.array(sequence, { maxLength: 1 }), fc.nat(5), (text, sequences, size) => {
        const pieces = text.match(new RegExp(`.{1,${size + 1}}`, "g")) ?? [];
        const whole = shown(sequences, [text]);
        expect(shown(sequences, pieces)).toMatchObject({ text: whole.text, matched: whole.matched });
      }),
    );
  });
});
