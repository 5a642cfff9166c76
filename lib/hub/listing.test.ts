import { describe, expect, it } from "vitest";
import { listEntries } from "./listing.ts";
import { baseModelName, quantizationOf } from "./quantization.ts";

const listed = (...paths: string[]) =>
  listEntries(paths.map((path, index) => ({ path, sizeBytes: 100 + index, sha256: null })));

describe("the quantisation of a file", () => {
  it.each([
    ["Qwen2.5-3B-Instruct-Q4_K_M.gguf", "Q4_K_M", "Qwen2.5-3B-Instruct"],
    ["qwen2.5-3b-instruct-q4_k_m-00001-of-00002.gguf", "Q4_K_M", "qwen2.5-3b-instruct"],
    ["model.IQ2_XXS.gguf", "IQ2_XXS", "model"],
    ["UD-Q4_K_XL/GLM-4.6-UD-Q4_K_XL-00001-of-00005.gguf", "UD-Q4_K_XL", "GLM-4.6"],
    ["gpt-oss-20b-mxfp4.gguf", "MXFP4", "gpt-oss-20b"],
    ["qwen2.5-fp16.gguf", "F16", "qwen2.5"],
    ["BF16/large.gguf", "BF16", "large"],
    ["bitnet-TQ1_0.gguf", "TQ1_0", "bitnet"],
    ["SmolLM2-135M-Instruct.gguf", null, "SmolLM2-135M-Instruct"],
    ["Q8_0.gguf", "Q8_0", "Q8_0"],
    ["model_Q4_0.gguf", "Q4_0", "model_Q4_0"],
  ])("%s", (path, quantization, base) => {
    expect(quantizationOf(path)).toBe(quantization);
    expect(baseModelName(path)).toBe(base);
  });
});

describe("the entries of a repository", () => {
  it("are whole files and split models, the smallest first", () => {
    const { entries } = listed("m-Q8_0-00002-of-00002.gguf", "m-Q8_0-00001-of-00002.gguf", "m-Q4_K_M.gguf");
    expect(entries).toMatchObject([
      { name: "m-Q4_K_M", quantization: "Q4_K_M", sizeBytes: 102, missingParts: [] },
      {
        name: "m-Q8_0",
        path: "m-Q8_0-00001-of-00002.gguf",
        sizeBytes: 201,
        files: [{ path: "m-Q8_0-00001-of-00002.gguf" }, { path: "m-Q8_0-00002-of-00002.gguf" }],
      },
    ]);
  });

  it("leave out names that promise more parts than a model has, and lose no time over them", () => {
    const many = Array.from({ length: 200 }, (_, index) => `m${index}-00001-of-99999.gguf`);
    const startMs = performance.now();
    expect(listed(...many, "m-00001-of-01000.gguf").entries).toMatchObject([{ name: "m" }]);
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });

  it("keep folders apart, and say which parts are missing", () => {
    const { entries } = listed("a/m-00002-of-00003.gguf", "b/m-00001-of-00003.gguf");
    expect(entries.map(({ name, missingParts }) => [name, missingParts])).toEqual([
      ["a/m", [1, 3]],
      ["b/m", [2, 3]],
    ]);
  });

  it("have their projector, the best precision of it; projectors name their entries", () => {
    const { entries, projectors } = listed(
      "vl-Q4_K_M.gguf",
      "Q8_0/vl-Q8_0.gguf",
      "mmproj-vl-f32.gguf",
      "mmproj-vl-f16.gguf",
    );
    expect(entries.map(({ projector }) => projector)).toEqual(["mmproj-vl-f16.gguf", "mmproj-vl-f16.gguf"]);
    expect(projectors[0]).toMatchObject({ quantization: "F32", belongsTo: ["vl-Q4_K_M", "Q8_0/vl-Q8_0"] });
  });

  it("share a projector without a name only where all are one model", () => {
    const of = (...paths: string[]) =>
      listed("mmproj-F16.gguf", ...paths).entries.map((one) => one.projector);
    expect(of("vl-Q4_K_M.gguf", "VL-Q8_0.gguf")).toEqual(["mmproj-F16.gguf", "mmproj-F16.gguf"]);
    expect(of("vl-3b-Q4_K_M.gguf", "vl-7b-Q4_K_M.gguf")).toEqual([null, null]);
  });
});
