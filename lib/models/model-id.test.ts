import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelIds, modelName, partNames, splitPart, splitSibling } from "./model-id.ts";

describe("a model's name", () => {
  it.each([
    ["Qwen2.5-7B-Instruct-Q4_K_M.gguf", "Qwen2.5-7B-Instruct-Q4_K_M"],
    ["folder/tiny.GGUF", "tiny"],
    ["big/Big-Q8_0-00001-of-00003.gguf", "Big-Q8_0"],
    ["model-00001-of-2.gguf", "model-00001-of-2"],
    ["ggml-base.en-q5_1.bin", "ggml-base.en-q5_1"],
    ["pytorch_model.bin", "pytorch_model.bin"],
  ])("of %s is %s", (file, name) => {
    expect(modelName(file)).toBe(name);
  });

  it("knows the parts of a split model", () => {
    expect(splitPart("Big-00002-of-00003.gguf")).toEqual({ part: 2, parts: 3 });
    for (const whole of ["whole", "a-00000-of-00002", "a-00003-of-00002", "a-00001-of-00000"])
      expect(splitPart(`${whole}.gguf`)).toBeNull();
    expect(partNames("Big-00002-of-00002.gguf")).toEqual([
      "Big-00001-of-00002.gguf",
      "Big-00002-of-00002.gguf",
    ]);
    expect(partNames("whole.gguf")).toEqual(["whole.gguf"]);
    expect(partNames("a-00002-of-99999.gguf")).toEqual(["a-00002-of-99999.gguf"]);
    expect(splitSibling("a/Big-00002-of-00003.GGUF", 1)).toBe("a/Big-00001-of-00003.GGUF");
  });
});

/** Of files by their relative paths, since absolute ones stand for nothing here. */
function idsOf(paths: readonly string[], taken: readonly string[] = []): Record<string, string> {
  const files = paths.map((relative) => ({ file: relative, relative }));
  return Object.fromEntries(modelIds(files, taken));
}

describe("ids", () => {
  it("are names where names differ", () => {
    expect(idsOf(["a.gguf", "x/b.gguf"])).toEqual({ "a.gguf": "a", "x/b.gguf": "b" });
  });

  it("take folders along where names are alike, regardless of case", () => {
    expect(idsOf(["a.gguf", "x/A.gguf", "x/y/a.gguf", "z/y/a.gguf", "b.gguf"])).toEqual({
      "a.gguf": "a",
      "x/A.gguf": "x/A",
      "x/y/a.gguf": "x/y/a",
      "z/y/a.gguf": "z/y/a",
      "b.gguf": "b",
    });
  });

  it("take folders along where the name is taken", () => {
    expect(idsOf(["x/a.gguf", "z/y/b.gguf", "c.gguf"], ["A", "b", "y/b"])).toEqual({
      "x/a.gguf": "x/a",
      "z/y/b.gguf": "z/y/b",
      "c.gguf": "c",
    });
  });

  it("have a number where folders do not help", () => {
    expect(idsOf(["a.gguf", "a-2.gguf", "x/b.gguf", "x/B.gguf"], ["a"])).toEqual({
      "a.gguf": "a-3",
      "a-2.gguf": "a-2",
      "x/b.gguf": "x/b",
      "x/B.gguf": "x/B-2",
    });
  });

  it("are as many as the files, and unlike each other and those that are taken", () => {
    const part = fc.constantFrom("a", "b", "c", "A", "a-2");
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const paths = fc.uniqueArray(path, { maxLength: 12 });
    const unlike = { maxLength: 4, selector: (id: string) => id.toLowerCase() };
    fc.assert(
      fc.property(paths, fc.uniqueArray(path, unlike), (names, taken) => {
        const files = names.map((name) => `${name}.gguf`);
        const ids = idsOf(files, taken);
        expect(Object.keys(ids).sort()).toEqual([...files].sort());
        const all = [...Object.values(ids), ...taken].map((id) => id.toLowerCase());
        expect(new Set(all).size).toBe(files.length + taken.length);
      }),
    );
  });
});
