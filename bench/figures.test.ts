import { expect, test } from "vitest";
import { figures, type Measured, median, summarise } from "./figures.ts";
import { goals, judge, verdictOn } from "./goals.ts";
import type { WorkFigures } from "./measure.ts";
import { markdownTable } from "./report.ts";

const work = (cpuUsPerRequest: number, p50Ms = 1, tokensPerS = 6400): WorkFigures => ({
  single: { p50Ms: 0.1, p99Ms: 0.2 },
  json: { requestsPerS: 1e6 / cpuUsPerRequest, p50Ms, p99Ms: 3, cpuUsPerRequest },
  streams: { firstTokenP50Ms: 2, firstTokenP99Ms: 9, longestGapP99Ms: 12, tokensPerS, cpuUsPerToken: 30 },
  failures: {},
});
const nothing: Measured = { rounds: [], fresh: {} };
const figure = (id: string) => {
  const found = figures.find((each) => each.id === id);
  if (!found) throw new Error(id);
  return found;
};

test("a figure is compared within its round, and the median taken of that", () => {
  const rounds = [
    { proxy: work(50), gateway: work(100) },
    { proxy: work(100), gateway: work(300) },
    { proxy: work(80), gateway: work(120) },
  ];
  expect(summarise(figure("cpuUsPerRequest"), "gateway", { ...nothing, rounds })).toEqual({
    value: 120,
    compared: 2,
  });
  expect(summarise(figure("cpuUsPerRequest"), "proxy", { ...nothing, rounds })).toEqual({
    value: 80,
    compared: null,
  });
});

test("differences and percentages are told apart", () => {
  const rounds = [{ direct: work(10), proxy: work(50, 1.5), gateway: work(100, 2.25, 6080) }];
  expect(summarise(figure("p50Ms"), "gateway", { ...nothing, rounds }).compared).toBeCloseTo(0.75);
  expect(summarise(figure("tokensPerS"), "gateway", { ...nothing, rounds }).compared).toBeCloseTo(95);
});

test("what a fresh process shows is taken as it is", () => {
  const hold = { idleMib: 100, openMib: 130, kibPerStream: 30, held: 1000, leftUpstream: 0 };
  const fresh = {
    gateway: { startMs: 400, hold, failures: {} },
    proxy: { startMs: 80, hold: null, failures: {} },
  };
  expect(summarise(figure("kibPerStream"), "gateway", { rounds: [], fresh }).value).toBe(30);
  expect(summarise(figure("kibPerStream"), "proxy", { rounds: [], fresh }).value).toBeNull();
  expect(summarise(figure("startMs"), "proxy", { rounds: [], fresh }).value).toBe(80);
});

test("what was not measured has no figure", () => {
  expect(summarise(figure("p50Ms"), "gateway", { rounds: [{ proxy: work(50) }], fresh: {} })).toEqual({
    value: null,
    compared: null,
  });
  expect(judge(nothing).every(({ verdict }) => verdict === "not measured")).toBe(true);
});

test("a goal is reached, missed, or missed by more than figures scatter", () => {
  const atMost = { label: "", figure: "p50Ms", of: "compared", atMost: 2, margin: 0.5 } as const;
  expect(verdictOn(atMost, 2)).toBe("reached");
  expect(verdictOn(atMost, 2.4)).toBe("missed");
  expect(verdictOn(atMost, 2.6)).toBe("missed by far");
  const atLeast = { label: "", figure: "p50Ms", of: "compared", atLeast: 45, margin: 5 } as const;
  expect(verdictOn(atLeast, 45)).toBe("reached");
  expect(verdictOn(atLeast, 41)).toBe("missed");
  expect(verdictOn(atLeast, 39)).toBe("missed by far");
});

test("every goal has a figure, and every compared goal's figure a comparison", () => {
  for (const { figure: id, of } of goals) {
    const found = figure(id);
    expect(of === "value" || ("compare" in found && found.compare !== undefined)).toBe(true);
  }
});

test("the median of an even number of values lies between them", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNull();
});

test("a table's columns are as wide as their widest cell", () => {
  expect(
    markdownTable([
      ["", "a"],
      ["longer", "1"],
    ]),
  ).toBe("|        | a   |\n|--------|-----|\n| longer | 1   |");
});
