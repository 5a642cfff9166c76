import { describe, expect, it } from "vitest";
import { bytesPerGigabyte, bytesPerMegabyte } from "../bytes.ts";
import { type FitQuestion, type LoadedSlot, marginBytes } from "./figures.ts";
import { fitSettings, gpu, llama8b, machine } from "./testing/questions.ts";
import { judge } from "./verdict.ts";

const ask = (question: Partial<FitQuestion> = {}) =>
  judge({
    modelId: "llama",
    shape: llama8b(),
    settings: fitSettings(),
    machine: machine(16),
    loaded: [],
    learnedBytes: null,
    ...question,
  });
const slot = (port: number, gigabytes: number, facts: Partial<LoadedSlot> = {}): LoadedSlot => ({
  port,
  modelId: `m${port}`,
  requiredBytes: gigabytes * bytesPerGigabyte,
  heldBytes: gigabytes * bytesPerGigabyte,
  isPinned: false,
  ...facts,
});
/** A machine of which as much is available. */
const available = (gigabytes: number) => machine(16, { availableBytes: gigabytes * bytesPerGigabyte });

describe("a model", () => {
  it("fits where it leaves the margin free, and not a byte earlier", () => {
    const { requiredBytes, marginBytes: margin } = ask();
    const at = (availableBytes: number) => ask({ machine: machine(16, { availableBytes }) }).verdict;
    expect(at(requiredBytes + margin)).toBe("fits");
    expect(at(requiredBytes + margin - 1)).toBe("fits_with");
  });

  it("does not fit where nothing helps", () => {
    const verdict = ask({ machine: machine(4) });
    expect(verdict).toMatchObject({ verdict: "does_not_fit", changes: [] });
    expect(verdict.sentence).toMatch(
      /^llama needs 5\.\d GB; 4\.0 GB of memory are available.*it does not fit/,
    );
  });

  it("is unknown where its file says nothing", () => {
    expect(ask({ shape: null })).toMatchObject({ verdict: "unknown", estimate: null });
  });
});

it("the margin is 6 %, within bounds", () => {
  const megabytes = (gigabytes: number) => marginBytes(machine(gigabytes)) / bytesPerMegabyte;
  expect([2, 16, 128].map(megabytes).map(Math.round)).toEqual([256, 983, 2048]);
});

describe("loaded models", () => {
  it("take what they will still need, besides what they hold", () => {
    const growing = slot(1, 4, { heldBytes: bytesPerGigabyte });
    const there = ask({ machine: available(12) }).availableBytes;
    expect(ask({ machine: available(12), loaded: [growing] }).availableBytes).toBe(
      there - 3 * bytesPerGigabyte,
    );
    expect(ask({ machine: available(12), loaded: [slot(1, 4)] }).availableBytes).toBe(there);
  });

  it("are offered for unloading: the smallest that is enough, and never a pinned one", () => {
    const unload = (loaded: LoadedSlot[]) => {
      const settings = fitSettings({ ctxSize: 1024 });
      return ask({ machine: available(5), settings, loaded }).changes.map((change) => change.unload);
    };
    expect(unload([slot(1, 6), slot(2, 3), slot(3, 0.1)])).toEqual([[2]]);
    expect(unload([slot(1, 0.5), slot(2, 0.6), slot(3, 0.1)])).toEqual([[2, 1]]);
    expect(unload([slot(1, 6, { isPinned: true })])).toEqual([]);
  });
});

describe("what would make it fit", () => {
  it("is each change that is enough by itself, with its figures", () => {
    const settings = fitSettings({ ctxSize: 16_384, parallel: 4 });
    const verdict = ask({ machine: available(9.5), settings, loaded: [slot(4802, 8)] });
    expect(verdict.changes.map(({ options, unload }) => [options, unload])).toEqual([
      [{ parallel: 1 }, []],
      [{ ctx_size: expect.any(Number) }, []],
      [{}, [4802]],
    ]);
    for (const change of verdict.changes)
      expect(change.requiredBytes).toBeLessThanOrEqual(change.availableBytes - verdict.marginBytes);
    expect(verdict.sentence).toMatch(/too large\. It fits with parallel 1, or with ctx_size \d+, or after/);
  });

  it("is the longest context that fits", () => {
    const question = { machine: available(7.5), settings: fitSettings({ ctxSize: 65_536 }) };
    const context = ask(question).changes.find(({ options }) => options.ctx_size)?.options.ctx_size ?? 0;
    const fits = (ctxSize: number) => ask({ ...question, settings: fitSettings({ ctxSize }) }).verdict;
    expect([fits(context), fits(context + 256)]).toEqual(["fits", "fits_with"]);
  });

  it("is all of them together where none is enough", () => {
    const settings = fitSettings({ ctxSize: 65_536, parallel: 4 });
    const { changes } = ask({ machine: available(6), settings });
    expect(changes).toHaveLength(1);
    expect(changes[0]?.options).toMatchObject({
      parallel: 1,
      cache_type_k: "q8_0",
      ctx_size: expect.any(Number),
    });
  });

  it("is no quantised context where heads are no whole blocks", () => {
    const settings = fitSettings({ ctxSize: 16_384 });
    const withCache = (shape = llama8b()) =>
      ask({ shape, machine: available(7.3), settings }).changes.some(({ options }) => options.cache_type_k);
    expect([withCache(), withCache(llama8b({ keyLength: 80, valueLength: 80 }))]).toEqual([true, false]);
  });
});

describe("what was measured", () => {
  it("replaces the estimate, with what a batch will take besides", () => {
    const learnedBytes = 6 * bytesPerGigabyte;
    const { requiredBytes, estimate, isLearned } = ask({ learnedBytes });
    expect(isLearned).toBe(true);
    expect(requiredBytes).toBe(learnedBytes + (estimate?.computeBytes ?? 0));
  });

  it("holds for other contexts as well, by the same difference", () => {
    const question = { machine: available(7.5), settings: fitSettings({ ctxSize: 32_768 }) };
    const before = ask(question).requiredBytes;
    const learnedBytes = before + bytesPerGigabyte;
    const context = (found: Partial<FitQuestion>) =>
      ask({ ...question, ...found }).changes.find(({ options }) => options.ctx_size)?.options.ctx_size;
    expect(context({ learnedBytes }) ?? 0).toBeLessThan(context({}) ?? 0);
  });
});

describe("a GPU", () => {
  it("gets as many layers as it has room for", () => {
    const layers = (gigabytes: number) => ask({ machine: machine(16, { gpus: [gpu(gigabytes)] }) }).gpuLayers;
    expect(layers(24)).toBe(33);
    expect(layers(4)).toBeGreaterThan(8);
    expect(layers(4)).toBeLessThan(22);
    expect(layers(1)).toBe(0);
  });

  it("that is asked for too much is offered less", () => {
    const settings = fitSettings({ gpuLayers: 33 });
    const verdict = ask({ settings, machine: machine(16, { gpus: [gpu(4)] }) });
    expect(verdict.verdict).toBe("fits_with");
    expect(verdict.changes[0]?.options.gpu_layers).toBeLessThan(22);
    expect(verdict.sentence).toMatch(/the GPU has too little memory\. It fits with gpu_layers/);
  });
});
