/** The figures that the bench shows: how each is read from a round, and what it is compared with. */
import type { RoundFigures } from "./measure.ts";
import type { TargetName } from "./targets/target.ts";

/** All rounds of one run: each has the same targets, one after another. */
export type Rounds = readonly Partial<Record<TargetName, RoundFigures>>[];

export interface Figure {
  id: string;
  label: string;
  digits: number;
  read: (round: RoundFigures) => number | null;
  compare?: Comparison;
}

/** How the figure stands to another target's figure of the same round: the machine's speed drifts between rounds. */
export interface Comparison {
  to: "proxy" | "direct";
  how: "ratio" | "difference" | "percent";
}

export const figures = [
  {
    id: "requestsPerS",
    label: "requests/s",
    digits: 0,
    read: (round) => round.json.requestsPerS,
    compare: { to: "proxy", how: "percent" },
  },
  {
    id: "cpuUsPerRequest",
    label: "CPU, µs a request",
    digits: 0,
    read: (round) => round.json.cpuUsPerRequest,
    compare: { to: "proxy", how: "ratio" },
  },
  {
    id: "p50Ms",
    label: "p50, ms",
    digits: 2,
    read: (round) => round.json.p50Ms,
    compare: { to: "proxy", how: "difference" },
  },
  {
    id: "p99Ms",
    label: "p99, ms",
    digits: 2,
    read: (round) => round.json.p99Ms,
    compare: { to: "proxy", how: "difference" },
  },
  {
    id: "singleP50Ms",
    label: "p50 of 1 connection, ms",
    digits: 2,
    read: (round) => round.single.p50Ms,
    compare: { to: "proxy", how: "difference" },
  },
  {
    id: "singleP99Ms",
    label: "p99 of 1 connection, ms",
    digits: 2,
    read: (round) => round.single.p99Ms,
    compare: { to: "proxy", how: "difference" },
  },
  {
    id: "firstTokenP50Ms",
    label: "64 streams: first token p50, ms",
    digits: 1,
    read: (round) => round.streams.firstTokenP50Ms,
    compare: { to: "direct", how: "difference" },
  },
  {
    id: "firstTokenP99Ms",
    label: "64 streams: first token p99, ms",
    digits: 1,
    read: (round) => round.streams.firstTokenP99Ms,
  },
  {
    id: "longestGapP99Ms",
    label: "64 streams: longest gap p99, ms",
    digits: 0,
    read: (round) => round.streams.longestGapP99Ms,
  },
  {
    id: "tokensPerS",
    label: "64 streams: tokens/s",
    digits: 0,
    read: (round) => round.streams.tokensPerS,
    compare: { to: "direct", how: "percent" },
  },
  {
    id: "cpuUsPerToken",
    label: "64 streams: CPU, µs a token",
    digits: 1,
    read: (round) => round.streams.cpuUsPerToken,
    compare: { to: "proxy", how: "ratio" },
  },
  { id: "idleMib", label: "memory, idle, MiB", digits: 0, read: (round) => round.hold?.idleMib ?? null },
  { id: "held", label: "streams open at once", digits: 0, read: (round) => round.hold?.held ?? null },
  {
    id: "kibPerStream",
    label: "memory, KiB an open stream",
    digits: 0,
    read: (round) => round.hold?.kibPerStream ?? null,
  },
  {
    id: "leftUpstream",
    label: "engine streams left 2 s after the clients left",
    digits: 0,
    read: (round) => round.hold?.leftUpstream ?? null,
  },
  { id: "startMs", label: "start to first answer, ms", digits: 0, read: (round) => round.startMs },
] as const satisfies readonly Figure[];

export type FigureId = (typeof figures)[number]["id"];

/** A target's figure over all rounds, and how it compares; null where there is none. */
export interface Summary {
  value: number | null;
  compared: number | null;
}

export function summarise(figure: Figure, name: TargetName, rounds: Rounds): Summary {
  const { compare } = figure;
  const values: number[] = [];
  const compared: number[] = [];
  for (const round of rounds) {
    const value = readFigure(figure, round[name]);
    if (value === null) continue;
    values.push(value);
    if (!compare || compare.to === name) continue;
    const base = readFigure(figure, round[compare.to]);
    if (base !== null) compared.push(relate(value, base, compare.how));
  }
  return { value: median(values), compared: median(compared) };
}

function readFigure(figure: Figure, round: RoundFigures | undefined): number | null {
  return round ? figure.read(round) : null;
}

function relate(value: number, base: number, how: Comparison["how"]): number {
  if (how === "difference") return value - base;
  return how === "ratio" ? value / base : (100 * value) / base;
}

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
