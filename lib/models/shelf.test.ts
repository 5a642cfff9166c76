import { expect, it } from "vitest";
import { KeptIds } from "./kept-ids.ts";
import { arrange, modelAt, partsOf } from "./shelf.ts";

const shelfOf = (...names: string[]) =>
  arrange(
    names.map((name) => ({
      file: `/${name}`,
      relative: name,
      target: `/${name}`,
      sizeBytes: 1,
      modifiedMs: 1,
    })),
    new KeptIds(),
  );

function described(...names: string[]) {
  const shelf = shelfOf(...names);
  return shelf.models.map((model) => {
    const { present, error } = partsOf(model, shelf);
    return [model.relative, present.map(({ relative }) => relative), error];
  });
}

it("puts the parts of a model behind its first, in order", () => {
  const parts = ["a/m-00001-of-00003.gguf", "a/m-00002-of-00003.gguf", "a/m-00003-of-00003.gguf"];
  expect(described(...parts.toReversed(), "b/m-00001-of-00001.gguf")).toEqual([
    [parts[0], parts, null],
    ["b/m-00001-of-00001.gguf", ["b/m-00001-of-00001.gguf"], null],
  ]);
});

it.each([
  [["m-00002-of-00003.gguf", "m-00003-of-00003.gguf"], "Part 1 of 3 is missing."],
  [["m-00001-of-00003.gguf", "m-00003-of-00003.gguf"], "Part 2 of 3 is missing."],
  [["m-00001-of-00003.gguf", "m-00002-of-00003.gguf"], "Part 3 of 3 is missing."],
])("says of %j that a part is missing", (names, error) => {
  expect(described(...names)).toEqual([[names[0], names, error]]);
});

it("takes a name that counts wrong for a whole file's", () => {
  const names = ["m-00000-of-00002.gguf", "m-00003-of-00002.gguf"];
  expect(described(...names)).toEqual(names.map((name) => [name, [name], null]));
});

it("finds a model by any of its parts, and no other", () => {
  const shelf = shelfOf("m-00000-of-00002.gguf", "m-00001-of-00002.gguf", "m.gguf", "mmproj.gguf");
  const at = (name: string) => modelAt(`/${name}`, shelf)?.relative ?? null;
  expect(at("m-00002-of-00002.gguf")).toBe("m-00001-of-00002.gguf");
  expect(at("m-00000-of-00002.gguf")).toBe("m-00000-of-00002.gguf");
  expect(at("m.gguf")).toBe("m.gguf");
  expect([at("mmproj.gguf"), at("n.gguf"), at("x/m.gguf")]).toEqual([null, null, null]);
});

it("refuses names that promise more parts than a model has, and loses no time over them", () => {
  const names = Array.from({ length: 200 }, (_, index) => `m${index}-99999-of-99999.gguf`);
  const startMs = performance.now();
  const error = "Its name promises 99999 parts, and no model has more than 1000.";
  expect(described(...names)).toEqual(names.map((name) => [name, [name], error]));
  expect(performance.now() - startMs).toBeLessThan(1_000);
});
