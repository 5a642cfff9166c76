import { describe, expect, it } from "vitest";
import { isProjectorName, projectorFor } from "./projector.ts";

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
});
