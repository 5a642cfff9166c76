import { describe, expect, it } from "vitest";
import { areOneModel, isProjectorName, projectorFor } from "./projector.ts";

describe("the projector for a model", () => {
  it.each([
    ["mmproj-model-f16.gguf", true],
    ["Qwen2.5-VL-7B-mmproj-f16.gguf", true],
    ["tiny-text.gguf", false],
  ])("%s is a projector by name: %s", (file, expected) => {
    expect(isProjectorName(file)).toBe(expected);
  });

  it.each([
    ["Qwen2.5-VL-7B-Instruct-Q4_K_M.gguf", ["mmproj-Qwen2.5-VL-7B-Instruct-f16.gguf"], false, 0],
    ["Qwen2.5-VL-7B-Instruct-Q4_K_M.gguf", ["Qwen2.5-VL-7B-Instruct-mmproj-f16.gguf"], false, 0],
    ["Qwen2.5-VL-7B-Instruct-Q4_K_M.gguf", ["mmproj-Qwen2.5-VL-3B-Instruct-f16.gguf"], false, null],
    ["gemma-3-4b-it-Q4_K_M.gguf", ["mmproj-F16.gguf"], true, 0],
    ["gemma-3-4b-it-Q4_K_M.gguf", ["mmproj-model-f16.gguf"], true, 0],
    ["gemma-3-4b-it-Q4_K_M.gguf", ["mmproj-F16.gguf"], false, null],
    ["gemma-3-4b-it-Q4_K_M.gguf", ["mmproj-F32.gguf", "mmproj-Q8_0.gguf", "mmproj-F16.gguf"], true, 2],
    ["tiny-text.gguf", ["tiny-mmproj-vision.gguf", "tiny-mmproj-omni.gguf"], true, null],
    ["tiny-text.gguf", [], true, null],
  ])("%s with %j, alone %s: %s", (model, projectors, alone, index) => {
    expect(projectorFor(model, projectors, alone)).toBe(index === null ? null : projectors[index]);
  });

  it.each([
    [["gemma-3-4b-it-Q4_K_M.gguf", "gemma-3-4b-it-UD-Q8_K_XL.gguf", "gemma-3-4b-it.IQ4_XS.gguf"], true],
    [["gemma-3-4b-it-Q4_K_M.gguf", "gemma-3-12b-it-Q4_K_M.gguf"], false],
    [["big-Q8_0-00001-of-00003.gguf", "Big-BF16.gguf"], true],
    [[], false],
  ])("%j are one model: %s", (files, expected) => {
    expect(areOneModel(files)).toBe(expected);
  });
});
