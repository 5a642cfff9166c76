import { describe, expect, it } from "vitest";
import { bytesPerMegabyte } from "../../lib/bytes.ts";
import { marginBytes } from "../../lib/fit/figures.ts";
import { gpu, machine } from "../../lib/fit/testing/questions.ts";
import type { Machine } from "../../lib/machine/types.ts";
import { openTestDatabase } from "../database/testing/test-database.ts";
import { lease, openRig, refusal, text } from "./test-support/open-rig.ts";
import type { RigOptions } from "./test-support/rig.ts";

const total = machine(8);

/** A machine on which models may take as many megabytes. */
async function rigWith(megabytes: number, options: RigOptions = {}, facts: Partial<Machine> = {}) {
  const now = { ...total, ...facts, availableBytes: megabytes * bytesPerMegabyte + marginBytes(total) };
  const rig = await openRig({ ...options, machine: { read: async () => now } });
  return {
    rig,
    setMegabytes: (left: number) => (now.availableBytes = left * bytesPerMegabyte + marginBytes(total)),
  };
}
const large = { ...text, ctx_size: 8192, parallel: 4, cache_type_k: "f16", cache_type_v: "f16" } as const;

describe("a load that does not fit", () => {
  it("is refused with its figures, and nothing is started or written down", async () => {
    const { rig } = await rigWith(35);
    const { status, message } = await refusal(rig.slots.load(rig.ports[0], large));
    expect(status).toBe(409);
    expect(message).toMatch(
      /^tiny-text needs 4\d MB; 527 MB of memory are available.*It fits with parallel 1/,
    );
    expect(rig.config.current.slots[rig.ports[0]]).toBeNull();
    expect((await rig.slots.snapshot())[0]?.status).toBe("empty");
  });

  it("is refused although the other one that leaves no room has only just begun", async () => {
    const { rig } = await rigWith(70);
    const other = { ...large, model_path: "tiny-think.gguf" };
    const loads = [rig.slots.load(rig.ports[0], large), rig.slots.load(rig.ports[1], other)];
    const ends = await Promise.allSettled(loads);
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("is done when it is forced, with a warning, and force is not written down", async () => {
    const { rig } = await rigWith(35);
    const { status, warnings } = await rig.slots.load(rig.ports[0], large, { force: true });
    expect(status).toBe("ready");
    expect(warnings.join()).toMatch(/too large/);
    expect(rig.config.current.slots[rig.ports[0]]).toEqual(large);
  });

  it("is done when the configuration wishes it, with a warning", async () => {
    const { rig } = await rigWith(10, { wishes: ([first = 0]) => ({ [first]: large }) });
    expect((await rig.until(rig.ports[0], "ready")).warnings.join()).toMatch(/does not fit/);
  });

  it("is told by the same figures without a load", async () => {
    const { rig } = await rigWith(35);
    const { model, verdict } = await rig.slots.fit(large);
    expect([model, verdict?.verdict]).toEqual(["tiny-text", "fits_with"]);
    expect(
      (await rig.slots.fit({ remote: { base_url: "http://127.0.0.1:1", model: "m" } })).verdict,
    ).toBeNull();
  });
});

describe("where memory is short", () => {
  const wide = { model_path: "tiny-text.gguf", ctx_size: 8192 };
  const config = { performance: { parallel: 4, kv_cache_quantization: "f16" } };

  it("one request runs at once, unless somebody said how many", async () => {
    const { rig } = await rigWith(35, { config });
    const loaded = await rig.slots.load(rig.ports[0], wide);
    expect(loaded.parallel).toBe(1);
    expect(loaded.warnings.join()).toMatch(/one request at once instead of 4: memory is short/);
    expect((await refusal(rig.slots.load(rig.ports[1], { ...wide, parallel: 4 }))).status).toBe(409);
    await rig.config.patch({ models: { "tiny-text": { parallel: 4 } } });
    expect((await refusal(rig.slots.load(rig.ports[1], wide))).status).toBe(409);
  });

  it("as many as ever run where there is enough", async () => {
    const { rig } = await rigWith(60, { config });
    expect((await rig.slots.load(rig.ports[0], wide)).parallel).toBe(4);
  });
});

describe("what is loaded", () => {
  it("is offered to be unloaded, and does not count where it is replaced", async () => {
    const { rig, setMegabytes } = await rigWith(200);
    const [first, second] = rig.ports;
    await rig.slots.load(first, large);
    setMegabytes(40);
    const { verdict } = await rig.slots.fit(large);
    expect(verdict?.verdict).toBe("fits_with");
    expect(verdict?.changes.at(-1)?.unload).toEqual([first]);
    const replacing = (await rig.slots.fit(large, first)).verdict;
    expect(replacing?.availableBytes).toBeGreaterThan(verdict?.availableBytes ?? 0);
    expect((await refusal(rig.slots.load(second, large))).message).toContain(`slot ${first} (tiny-text)`);
  });
});

it("what an engine took is written down, and counts the next time", async () => {
  const { database, remove } = await openTestDatabase();
  const { rig } = await rigWith(200, { database });
  try {
    const before = (await rig.slots.fit(text)).verdict;
    expect(before?.isLearned).toBe(false);
    await rig.slots.load(rig.ports[0], text);
    await expect.poll(async () => (await rig.slots.fit(text)).verdict?.isLearned).toBe(true);
    const learned = (await rig.slots.fit(text)).verdict;
    expect(learned?.requiredBytes).not.toBe(before?.requiredBytes);
    expect(Math.abs((learned?.requiredBytes ?? 0) / (before?.requiredBytes ?? 1) - 1)).toBeLessThan(0.15);
    expect((await rig.slots.fit({ ...text, ctx_size: 256 })).verdict?.isLearned).toBe(false);
  } finally {
    await rig.slots.shutdown(0);
    await remove();
  }
});

it("layers are offered for the GPU that is there", async () => {
  const { rig } = await rigWith(200, {}, { gpus: [gpu(24)] });
  const { verdict } = await rig.slots.fit(large);
  expect(verdict).toMatchObject({ verdict: "fits", gpuLayers: 3 });
});

it("a model that a request asks for is not loaded where memory is short", async () => {
  const { rig, setMegabytes } = await rigWith(10);
  await rig.slots.localModels();
  expect((await refusal(lease(rig))).code).toBe("engine_unavailable");
  expect((await rig.slots.snapshot()).map(({ status }) => status)).toEqual(["empty", "empty", "empty"]);
  setMegabytes(100);
  (await lease(rig)).release();
});
