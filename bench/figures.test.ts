import { expect, test } from "vitest";
import { figures, median, type Rounds, summarise } from "./figures.ts";
import { goals, judge, verdictOn } from "./goals.ts";
import type { RoundFigures } from "./measure.ts";
import { markdownTable } from "./report.ts";

const round = (cpuUsPerRequest: number, p50Ms = 1, tokensPerS = 6400): RoundFigures => ({
  startMs: 500,
  single: { p50Ms: 0.1, p99Ms: 0.2 },
  json: { requestsPerS: 1e6 / cpuUsPerRequest, p50Ms, p99Ms: 3, cpuUsPerRequest },
  streams: { firstTokenP50Ms: 2, firstTokenP99Ms: 9, longestGapP99Ms: 12, tokensPerS, cpuUsPerToken: 30 },
  hold: { idleMib: 100, openMib: 130, kibPerStream: 30, held: 1000, leftUpstream: 0 },
  failures: {},
});
const figure = (id: string) => {
  const found = figures.find((each) => each.id === id);
  if (!found) throw new Error(id);
  return found;
};

test("a figure is compared within its round, and the median taken of that", () => {
  const rounds: Rounds = [
    { proxy: round(50), gateway: round(100) },
    { proxy: round(100), gateway: round(300) },
    { proxy: round(80), gateway: round(120) },
  ];
  expect(summarise(figure("cpuUsPerRequest"), "gateway", rounds)).toEqual({ value: 120, compared: 2 });
  expect(summarise(figure("cpuUsPerRequest"), "proxy", rounds)).toEqual({ value: 80, compared: null });
});

test("differences and percentages are told apart", () => {
  const rounds: Rounds = [{ direct: round(10), proxy: round(50, 1.5), gateway: round(100, 2.25, 6080) }];
  expect(summarise(figure("p50Ms"), "gateway", rounds).compared).toBeCloseTo(0.75);
  expect(summarise(figure("tokensPerS"), "gateway", rounds).compared).toBeCloseTo(95);
});

test("what was not measured has no figure", () => {
  expect(summarise(figure("p50Ms"), "gateway", [{ proxy: round(50) }])).toEqual({
    value: null,
    compared: null,
  });
  expect(judge([]).every(({ verdict }) => verdict === "not measured")).toBe(true);
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
