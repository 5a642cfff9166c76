import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelIds, modelName, splitPart, splitSibling } from "./model-id.ts";

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
    expect(splitPart("whole.gguf")).toBeNull();
    expect(splitSibling("a/Big-00002-of-00003.GGUF", 1)).toBe("a/Big-00001-of-00003.GGUF");
  });
});

describe("ids", () => {
  it("are names where names differ", () => {
    expect([...modelIds(["a.gguf", "x/b.gguf"]).values()]).toEqual(["a", "b"]);
  });

  it("take folders along where names are alike, regardless of case", () => {
    const ids = modelIds(["a.gguf", "x/A.gguf", "x/y/a.gguf", "z/y/a.gguf", "b.gguf"]);
    expect(Object.fromEntries(ids)).toEqual({
      "a.gguf": "a",
      "x/A.gguf": "x/A",
      "x/y/a.gguf": "x/y/a",
      "z/y/a.gguf": "z/y/a",
      "b.gguf": "b",
    });
  });

  it("are as many as the files, and unlike each other", () => {
    const part = fc.constantFrom("a", "b", "c");
    const file = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join("/")}.gguf`);
    fc.assert(
      fc.property(fc.uniqueArray(file, { maxLength: 12 }), (files) => {
        const ids = modelIds(files);
        expect([...ids.keys()].sort()).toEqual([...files].sort());
        expect(new Set(ids.values()).size).toBe(files.length);
      }),
    );
  });
});
