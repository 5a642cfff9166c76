import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { unloaded } from "./doctor/known-ends.ts";
import type { PlannedEngine } from "./engines/engine.ts";
import { RunHistory, type RunStore } from "./run-history.ts";

const planned = { model: { id: "m" } } as PlannedEngine;

/** A store that notes what is asked of it, and refuses while `isBroken`. */
function store() {
  const calls: string[] = [];
  const state = { isBroken: false };
  const note = (name: string, answer?: number) =>
    vi.fn(async (...input: unknown[]) => {
      await sleep(1);
      if (state.isBroken) throw new Error("disk full");
      calls.push(`${name} ${JSON.stringify(input[0])}`);
      return answer;
    });
  const queries = {
    closeOpen: note("closeOpen"),
    begin: note("begin", 7),
    prune: note("prune"),
    ready: note("ready"),
    measured: note("measured"),
    end: note("end"),
  };
  return { calls, state, queries: queries as unknown as RunStore, begin: queries.begin };
}

it("writes in the order in which things happened, though all of it comes at once", async () => {
  const { calls, queries } = store();
  const history = new RunHistory(queries, { error: vi.fn() });
  history.start();
  const run = history.begin(4801);
  run.planned(planned);
  run.ready();
  run.measured(5);
  run.end(unloaded, "m", []);
  await history.flush();
  expect(calls.map((call) => call.split(" ")[0])).toEqual([
    "closeOpen",
    "begin",
    "prune",
    "ready",
    "measured",
    "end",
  ]);
  expect(calls.slice(3)).toEqual(["ready 7", "measured 7", "end 7"]);
});

it("counts the first end alone", async () => {
  const { calls, queries } = store();
  const history = new RunHistory(queries, { error: vi.fn() });
  const run = history.begin(4801);
  run.end(unloaded, "m", []);
  run.end(unloaded, "m", []);
  await history.flush();
  expect(calls.filter((call) => call.startsWith("end"))).toHaveLength(1);
});

it("complains of a full disk once, leaves out what belongs to a lost beginning, and goes on when there is room", async () => {
  const { calls, queries, state, begin } = store();
  const log = { error: vi.fn() };
  const history = new RunHistory(queries, log);
  state.isBroken = true;
  for (let round = 0; round < 3; round++) {
    const run = history.begin(4801);
    run.planned(planned);
    run.ready();
    run.end(unloaded, "m", []);
  }
  await history.flush();
  expect(begin).toHaveBeenCalledTimes(3);
  expect(calls).toEqual([]);
  expect(log.error).toHaveBeenCalledOnce();
  state.isBroken = false;
  history.begin(4801).planned(planned);
  await history.flush();
  expect(calls).toHaveLength(2);
});
