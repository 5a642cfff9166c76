/** Random lives of slots: thousands of operations on the state machine and the decisions, and no impossible state. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PaperHouse, type PaperSlot, paperPolicy, pinnedModel } from "./test-support/paper-house.ts";

const models = ["a.gguf", "b.gguf", "c.gguf", "d.gguf", pinnedModel];
const anyModel = fc.constantFrom(...models);
const anySlot = fc.nat(2);
const anyEnd = fc.constantFrom("exited", "killed", "port_taken", "timeout", "unreachable", "unsuitable");

type Operation = (house: PaperHouse) => void;

const operations: fc.Arbitrary<Operation>[] = [
  fc.tuple(anySlot, anyModel, fc.constantFrom("operator", "config")).map(([at, model, origin]) => (house) => {
    house.want(house.at(at), { request: { model_path: model }, origin });
  }),
  anySlot.map((at) => (house) => house.want(house.at(at), null)),
  anyModel.map((model) => (house) => house.demand(model)),
  anyModel.map((model) => (house) => house.demand(model)),
  anySlot.map((at) => (house) => house.succeed(house.at(at))),
  anySlot.map((at) => (house) => house.succeed(house.at(at))),
  fc.tuple(anySlot, anyEnd).map(
    ([at, kind]) =>
      (house) =>
        house.end(house.at(at), kind),
  ),
  fc.tuple(anySlot, fc.nat(3)).map(
    ([at, back]) =>
      (house) =>
        house.late(house.at(at), back),
  ),
  anySlot.map((at) => (house) => house.begin(house.at(at))),
  anySlot.map((at) => (house) => house.finish(house.at(at))),
  fc.nat(3_000).map((ms) => (house) => house.pass(ms)),
  fc.constant((house: PaperHouse) => house.unloadIdle()),
];

const lives = fc.array(fc.oneof(...operations), { minLength: 20, maxLength: 150, size: "max" });

/** What cannot be true of a slot at any moment, and is. By plain comparisons: `expect` is too slow for as many. */
function faultsOf({ port, state, process, requests, retryDueMs }: PaperSlot): string[] {
  const { status, wish, generation, crashes, failure } = state;
  const hasProcess = status === "starting" || status === "ready" || status === "draining";
  const isLimited = failure?.kind !== "unreachable";
  const rules: Record<string, boolean> = {
    "has a process exactly where one runs or ends": (process !== null) === hasProcess,
    "its process is the newest": process === null || process.generation === generation,
    "its process is being stopped exactly while it drains":
      process === null || process.isStopping === (status === "draining"),
    "is empty where nothing is wanted": (status === "empty") === (wish === null) || status === "draining",
    "remembers nothing when empty": status !== "empty" || (crashes === 0 && failure === null),
    "is ready since a moment exactly while it is ready": (state.readyAtMs !== null) === (status === "ready"),
    "has no failure while it is ready": status !== "ready" || (state.wasReady && failure === null),
    "is started again exactly after a crash": (state.retryAtMs !== null) === (status === "crashed"),
    "is started again when it says": state.retryAtMs === retryDueMs,
    "says why it does not run": (status !== "crashed" && status !== "failed") || failure !== null,
    "gives up after so many crashes": status !== "crashed" || !isLimited || crashes < paperPolicy.maxCrashes,
    "has requests only with an engine": requests === 0 || status === "ready" || status === "draining",
  };
  const broken = Object.entries(rules).filter(([, holds]) => !holds);
  return broken.map(([rule]) => `Slot ${port} (${status}): ${rule}`);
}

/** Nobody asks for anything any more: every start succeeds or fails, every end ends. */
function settle(house: PaperHouse): void {
  for (let round = 0; round < 50; round++) {
    for (const slot of house.slots) {
      if (slot.state.status === "draining") house.end(slot, "killed");
      if (slot.state.status === "starting") round % 2 ? house.succeed(slot) : house.end(slot, "exited");
    }
    house.pass(1_000);
  }
}

describe.each([true, false])("slots, with eviction: %s", (evict) => {
  it("are never in an impossible state, and come to rest", () => {
    let steps = 0;
    fc.assert(
      fc.property(lives, (life) => {
        const house = new PaperHouse(3, evict);
        const generations = house.slots.map(() => 0);
        for (const operate of life) {
          operate(house);
          steps++;
          const faults = house.slots.flatMap(faultsOf);
          if (house.disturbed > 0) faults.push("A request was disturbed.");
          for (const [index, { state }] of house.slots.entries()) {
            if (state.generation < (generations[index] ?? 0)) faults.push("A generation came back.");
            generations[index] = state.generation;
          }
          if (faults.length > 0) throw new Error(faults.join("\n"));
        }
        settle(house);
        const atRest = ["empty", "ready", "failed"];
        expect(house.slots.filter(({ state }) => !atRest.includes(state.status))).toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(steps).toBeGreaterThan(3_000);
  });

  it("run a model that requests ask for once", () => {
    const demands = fc.array(
      fc.oneof(
        anyModel.map(
          (model): Operation =>
            (house) =>
              house.demand(model),
        ),
        anySlot.map(
          (at): Operation =>
            (house) =>
              house.succeed(house.at(at)),
        ),
        fc.tuple(anySlot, anyEnd).map(
          ([at, kind]): Operation =>
            (house) =>
              house.end(house.at(at), kind),
        ),
        fc.nat(3_000).map(
          (ms): Operation =>
            (house) =>
              house.pass(ms),
        ),
      ),
      { minLength: 20, maxLength: 100, size: "max" },
    );
    fc.assert(
      fc.property(demands, (life) => {
        const house = new PaperHouse(3, evict);
        for (const operate of life) {
          operate(house);
          const live = house.slots.filter(({ state }) => !["failed", "empty"].includes(state.status));
          const named = live.flatMap(({ state }) => state.wish?.request.model_path ?? []);
          if (named.length > new Set(named).size) throw new Error(`Loaded twice: ${named.join(", ")}`);
        }
      }),
      { numRuns: 80 },
    );
  });
});
