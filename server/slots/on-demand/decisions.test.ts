import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configSchema } from "../../../lib/config/schema.ts";
import { slotStatuses } from "../../../lib/slots/types.ts";
import { LoadBackoff } from "./backoff.ts";
import { demandFor, wishedFirst } from "./demand.ts";
import { estimatedLoadMs } from "./expectation.ts";
import type { SlotFacts } from "./facts.ts";
import { idlePorts } from "./idle.ts";
import { choosePlacement, isEvictable, isFree, type PlacementRules } from "./placement.ts";

const empty: Omit<SlotFacts, "port"> = {
  status: "empty",
  origin: null,
  modelId: null,
  isGuest: false,
  requests: 0,
  isPinned: false,
  isRemote: false,
  lastUsedMs: null,
  isReserved: false,
};
const slot = (port: number, facts: Partial<SlotFacts> = {}): SlotFacts => ({ port, ...empty, ...facts });
const ready = (port: number, facts: Partial<SlotFacts> = {}) =>
  slot(port, { status: "ready", origin: "operator", modelId: `m${port}`, lastUsedMs: port, ...facts });
const keep: PlacementRules = { evict: false, ownPort: null };
const evict: PlacementRules = { evict: true, ownPort: null };
const portOf = (slots: SlotFacts[], rules = keep) => choosePlacement(slots, rules).placements[0]?.port;

describe("a place for a model", () => {
  it("is the first empty slot, rather than one that failed, is wished for, or is still being emptied", () => {
    const draining = slot(1, { status: "draining" });
    const reserved = slot(2, { isReserved: true });
    const failed = slot(3, { status: "failed", origin: "demand" });
    expect(portOf([draining, reserved, failed, slot(4), slot(5)])).toBe(4);
    expect(portOf([draining, reserved, failed])).toBe(3);
    expect(portOf([draining, reserved])).toBe(2);
    expect(portOf([draining])).toBe(1);
    expect(portOf([slot(1), reserved], { ...keep, ownPort: 2 })).toBe(2);
  });

  it("is none that the operator uses, whatever became of it", () => {
    const failed = slot(1, { status: "failed", origin: "operator" });
    const next = slot(2, { status: "draining", origin: "config" });
    const none = { placements: [], emptiable: [], places: 0, mayWait: false };
    expect(choosePlacement([failed, next, ready(3)], keep)).toEqual(none);
  });

  it("is made by unloading what was not used for longest, and as little as possible", () => {
    const slots = [ready(1, { lastUsedMs: 30 }), ready(2, { lastUsedMs: 10 }), ready(3, { lastUsedMs: 20 })];
    expect(choosePlacement(slots, evict).placements).toEqual([
      { port: 2, unload: [2] },
      { port: 2, unload: [2, 3] },
      { port: 2, unload: [2, 3, 1] },
    ]);
    expect(choosePlacement([...slots, slot(4)], evict).placements.slice(0, 2)).toEqual([
      { port: 4, unload: [] },
      { port: 4, unload: [2] },
    ]);
  });

  it("is waited for while something is busy that could go later", () => {
    const busy = ready(1, { requests: 1 });
    expect(choosePlacement([busy], evict)).toMatchObject({ placements: [], emptiable: [1], mayWait: true });
    expect(choosePlacement([busy], keep).mayWait).toBe(false);
    expect(choosePlacement([ready(1, { requests: 1, isPinned: true })], evict).mayWait).toBe(false);
    expect(choosePlacement([slot(1, { status: "starting", origin: "demand" })], evict).mayWait).toBe(true);
    expect(choosePlacement([slot(1, { status: "draining" })], keep)).toMatchObject({
      emptiable: [1],
      mayWait: true,
    });
  });

  it("is made by what requests had loaded, also where the operator's models stay", () => {
    const guest = { origin: "demand", isGuest: true } as const;
    const slots = [ready(1), ready(2, { ...guest, lastUsedMs: 9 }), ready(3, { ...guest, lastUsedMs: 8 })];
    expect(choosePlacement(slots, keep)).toEqual({
      placements: [
        { port: 3, unload: [3] },
        { port: 3, unload: [3, 2] },
      ],
      emptiable: [2, 3],
      places: 2,
      mayWait: false,
    });
    const pinned = ready(2, { ...guest, isPinned: true });
    expect(choosePlacement([ready(1), pinned], keep)).toMatchObject({ placements: [], mayWait: false });
    const busy = ready(2, { ...guest, requests: 1 });
    expect(choosePlacement([ready(1), busy], keep)).toMatchObject({ placements: [], mayWait: true });
  });

  it("is free again when a trial is over, but not before", () => {
    const trial = { origin: "trial", modelId: "a" } as const;
    for (const status of ["starting", "ready", "crashed", "failed"] as const)
      expect(choosePlacement([slot(1, { ...trial, status })], evict)).toMatchObject({
        placements: [],
        mayWait: false,
      });
    expect(portOf([slot(1, { status: "draining", modelId: "a" })])).toBe(1);
  });

  it("never costs a request, a pinned model, a remote, or one that starts", () => {
    const facts = fc.record({
      status: fc.constantFrom(...slotStatuses),
      origin: fc.constantFrom("operator", "demand", "config", null),
      modelId: fc.constantFrom("a", "b"),
      isGuest: fc.boolean(),
      requests: fc.nat(2),
      isPinned: fc.boolean(),
      isRemote: fc.boolean(),
      lastUsedMs: fc.nat(1000),
      isReserved: fc.boolean(),
    });
    const house = fc.array(facts, { maxLength: 7 }).map((all) => all.map((one, port) => ({ port, ...one })));
    fc.assert(
      fc.property(house, fc.boolean(), fc.option(fc.nat(6)), (slots, mayEvict, ownPort) => {
        const at = (port: number) => slots[port] ?? slot(port);
        const { placements } = choosePlacement(slots, { evict: mayEvict, ownPort });
        for (const { port, unload } of placements) {
          for (const one of unload) {
            expect(at(one).status).toBe("ready");
            expect(mayEvict || at(one).isGuest).toBe(true);
            expect(at(one)).toMatchObject({ requests: 0, isPinned: false, isRemote: false });
          }
          expect(unload.includes(port) || isFree(at(port))).toBe(true);
          const used = unload.map((one) => at(one).lastUsedMs ?? 0);
          expect(used).toEqual(used.toSorted((a, b) => a - b));
          const others = slots.filter(
            (one) => isEvictable(one) && (mayEvict || one.isGuest) && !unload.includes(one.port),
          );
          for (const one of others) expect(one.lastUsedMs).toBeGreaterThanOrEqual(Math.max(0, ...used));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("idleness", () => {
  const config = (extra: object) =>
    configSchema.parse({
      slots: {},
      admin_key: "sk-test-test-test-test-test",
      session_secret: "x".repeat(32),
      ...extra,
    });

  it("counts from the last request, for as long as the model may have", () => {
    const slots = [ready(1, { lastUsedMs: 0 }), ready(2, { lastUsedMs: 1 }), slot(3)];
    const rules = config({ idle_unload_s: 10, models: { m2: { idle_unload_s: 5 } } });
    expect(idlePorts(slots, rules, 5_000)).toEqual([]);
    expect(idlePorts(slots, rules, 5_001)).toEqual([2]);
    expect(idlePorts(slots, rules, 10_000)).toEqual([1, 2]);
  });

  it("ends nothing that is busy, pinned, remote, or could not be loaded again", () => {
    const slots = [ready(1, { requests: 1 }), ready(2, { isPinned: true }), ready(3, { isRemote: true })];
    expect(idlePorts(slots, config({ idle_unload_s: 1 }), 1e6)).toEqual([]);
    expect(idlePorts([ready(1)], config({ idle_unload_s: 1 }), 1e6)).toEqual([1]);
    expect(idlePorts([ready(1)], config({}), 1e6)).toEqual([]);
    const off = config({ idle_unload_s: 1, auto_load: { enabled: false } });
    expect(idlePorts([ready(1)], off, 1e6)).toEqual([]);
  });
});

describe("a load that failed", () => {
  it("is not tried for a while, which doubles with each failure, up to a limit", () => {
    const backoff = new LoadBackoff({ firstMs: 100, maxMs: 300 });
    const waits: number[] = [];
    let nowMs = 0;
    for (let failure = 0; failure < 4; failure++) {
      backoff.note("m", "no", nowMs);
      const leftMs = backoff.check("m", nowMs)?.leftMs ?? 0;
      waits.push(leftMs);
      expect(backoff.check("m", nowMs + leftMs - 1)).toEqual({ message: "no", leftMs: 1 });
      nowMs += leftMs;
      expect(backoff.check("m", nowMs)).toBeNull();
    }
    expect(waits).toEqual([100, 200, 300, 300]);
    expect(backoff.check("other", 0)).toBeNull();
    backoff.forget("m");
    backoff.note("m", "no", 0);
    expect(backoff.check("m", 0)?.leftMs).toBe(100);
  });
});

it("a demand is the operator's wish for that file, where there is one", () => {
  const wish = { model_path: "./a/../m.gguf", ctx_size: 64 };
  const local = { file: "/models/m.gguf", path: "m.gguf", sizeBytes: 5 };
  expect(demandFor(local, { slots: { 4801: null, 4802: wish } }, "/models")).toEqual({
    request: wish,
    ownPort: 4802,
    sizeBytes: 5,
  });
  const other = { model_path: "n.gguf" };
  expect(demandFor(local, { slots: { 4801: other } }, "/models")).toEqual({
    request: { model_path: "m.gguf" },
    ownPort: null,
    sizeBytes: 5,
  });
});

it("the operator's models come before all others", () => {
  const models = ["a", "b", "c"].map((name) => ({ file: `/models/${name}.gguf` }));
  const ordered = wishedFirst(models, { slots: { 4801: null, 4802: { model_path: "c.gguf" } } }, "/models");
  expect(ordered.map(({ file }) => file)).toEqual(["/models/c.gguf", "/models/a.gguf", "/models/b.gguf"]);
});

it("a larger file is expected to take longer", () => {
  expect(estimatedLoadMs(4e9)).toBe(20_500);
});
