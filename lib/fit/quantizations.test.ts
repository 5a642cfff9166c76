import { describe, expect, it } from "vitest";
import { bytesPerGigabyte } from "../bytes.ts";
import { judgeBySize, type QuantizedFile, recommendQuantization } from "./quantizations.ts";
import { gpu, machine } from "./testing/questions.ts";

/** A model of 8 billion parameters, in GB. */
const sizes = { Q8_0: 8, Q6_K: 6.1, Q5_K_M: 5.3, Q4_K_M: 4.6, Q3_K_M: 3.7, Q2_K: 2.9 };
const files: QuantizedFile[] = Object.entries(sizes).map(([quantization, gigabytes]) => ({
  quantization,
  sizeBytes: gigabytes * bytesPerGigabyte,
}));
const recommended = (gigabytes: number, from = files) =>
  recommendQuantization(from, machine(gigabytes))?.file.quantization;

describe("the recommended file", () => {
  it.each([
    [64, "Q8_0"],
    [22, "Q6_K"],
    [16, "Q4_K_M"],
    [8, "Q4_K_M"],
    [6, "Q3_K_M"],
    [5, "Q2_K"],
    [3, undefined],
  ])("on a machine of %s GB", (gigabytes, quantization) => {
    expect(recommended(gigabytes)).toBe(quantization);
  });

  it("is the better one where the usual is missing", () => {
    const without = files.filter(({ quantization }) => quantization !== "Q4_K_M");
    expect(recommended(12, without)).toBe("Q8_0");
  });

  it("says why", () => {
    expect(recommendQuantization(files, machine(8))?.reason).toMatch(
      /^Q4_K_M: the usual balance .*; it needs about 5\.9 GB of the 7\.5 GB that are available\.$/,
    );
  });

  it("is the smallest where names say nothing", () => {
    const unnamed = [3, 2].map((gigabytes) => ({
      quantization: null,
      sizeBytes: gigabytes * bytesPerGigabyte,
    }));
    expect(recommendQuantization(unnamed, machine(8))?.file).toBe(unnamed[1]);
    expect(recommendQuantization([], machine(8))).toBeNull();
  });
});

describe("a size", () => {
  const loaded = {
    port: 1,
    modelId: "m",
    requiredBytes: 4 * bytesPerGigabyte,
    heldBytes: 4 * bytesPerGigabyte,
    isPinned: false,
  };

  it("is tight where it fits once others are unloaded", () => {
    const half = machine(8, { availableBytes: 4 * bytesPerGigabyte });
    expect(judgeBySize(4 * bytesPerGigabyte, half, [loaded]).verdict).toBe("tight");
    expect(judgeBySize(4 * bytesPerGigabyte, half).verdict).toBe("does_not_fit");
    expect(judgeBySize(2 * bytesPerGigabyte, half).verdict).toBe("fits");
  });

  it("counts the memory of GPUs, unless it is the machine's own", () => {
    const size = 12 * bytesPerGigabyte;
    expect(judgeBySize(size, machine(8, { gpus: [gpu(24)] })).verdict).toBe("fits");
    expect(judgeBySize(size, machine(8, { gpus: [gpu(24, { unified: true })] })).verdict).toBe(
      "does_not_fit",
    );
  });
});
