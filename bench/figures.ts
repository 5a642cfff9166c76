/** The figures that the bench shows: how each is read from a round, and what it is compared with. */
import type { FreshFigures, WorkFigures } from "./measure.ts";
import type { TargetName } from "./targets/target.ts";

/** A run: rounds in which each target did the same work, and what was measured once. */
export interface Measured {
  rounds: readonly Partial<Record<TargetName, WorkFigures>>[];
  fresh: Partial<Record<TargetName, FreshFigures>>;
}

interface Shown {
  id: string;
  label: string;
  digits: number;
}

/** Of every round, or of a fresh process. */
export type Figure = Shown &
  (
    | { of: "work"; read: (work: WorkFigures) => number; compare?: Comparison }
    | { of: "fresh"; read: (fresh: FreshFigures) => number | null }
  );

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
    of: "work",
    read: (work) => work.json.requestsPerS,
    compare: { to: "proxy", how: "percent" },
  },
  {
    id: "cpuUsPerRequest",
    label: "CPU, µs a request",
    digits: 0,
    of: "work",
    read: (work) => work.json.cpuUsPerRequest,
    compare: { to: "proxy", how: "ratio" },
  },
  {
    id: "p50Ms",
    label: "p50, ms",
    digits: 2,
    of: "work",
    read: (work) => work.json.p50Ms,
    compare: { to: "proxy", how: "difference" },
  },
  {
    id: "p99Ms",
    label: "p99, ms",
    digits: 2,
    of: "work",
    read: (work) => work.json.p99Ms,
    compare: { to: "proxy", how: "difference" },
  },
  {
    id: "singleP50Ms",
    label: "p50 of 1 connection, ms",
    digits: 2,
    of: "work",
    read: (work) => work.single.p50Ms,
    compare: { to: "proxy", how: "difference" },
  },
  {
    id: "singleP99Ms",
    label: "p99 of 1 connection, ms",
    digits: 2,
    of: "work",
    read: (work) => work.single.p99Ms,
    compare: { to: "proxy", how: "difference" },
  },
  {
    id: "firstTokenP50Ms",
    label: "64 streams: first token p50, ms",
    digits: 1,
    of: "work",
    read: (work) => work.streams.firstTokenP50Ms,
    compare: { to: "direct", how: "difference" },
  },
  {
    id: "firstTokenP99Ms",
    label: "64 streams: first token p99, ms",
    digits: 1,
    of: "work",
    read: (work) => work.streams.firstTokenP99Ms,
  },
  {
    id: "longestGapP99Ms",
    label: "64 streams: longest gap p99, ms",
    digits: 0,
    of: "work",
    read: (work) => work.streams.longestGapP99Ms,
  },
  {
    id: "tokensPerS",
    label: "64 streams: tokens/s",
    digits: 0,
    of: "work",
    read: (work) => work.streams.tokensPerS,
    compare: { to: "direct", how: "percent" },
  },
  {
    id: "cpuUsPerToken",
    label: "64 streams: CPU, µs a token",
    digits: 1,
    of: "work",
    read: (work) => work.streams.cpuUsPerToken,
    compare: { to: "proxy", how: "ratio" },
  },
  {
    id: "idleMib",
    label: "memory, idle, MiB",
    digits: 0,
    of: "fresh",
    read: (fresh) => fresh.hold?.idleMib ?? null,
  },
  {
    id: "held",
    label: "streams open at once",
    digits: 0,
    of: "fresh",
    read: (fresh) => fresh.hold?.held ?? null,
  },
  {
    id: "kibPerStream",
    label: "memory, KiB an open stream",
    digits: 0,
    of: "fresh",
    read: (fresh) => fresh.hold?.kibPerStream ?? null,
  },
  {
    id: "leftUpstream",
    label: "engine streams left 2 s after the clients left",
    digits: 0,
    of: "fresh",
    read: (fresh) => fresh.hold?.leftUpstream ?? null,
  },
  {
    id: "startMs",
    label: "start to first answer, ms",
    digits: 0,
    of: "fresh",
    read: (fresh) => fresh.startMs,
  },
] as const satisfies readonly Figure[];

export type FigureId = (typeof figures)[number]["id"];

/** A target's figure, and how it compares; null where there is none. */
export interface Summary {
  value: number | null;
  compared: number | null;
}

/** The median over the rounds, and the median of how the rounds compare. */
export function summarise(figure: Figure, name: TargetName, { rounds, fresh }: Measured): Summary {
  if (figure.of === "fresh") {
    const once = fresh[name];
    return { value: once ? figure.read(once) : null, compared: null };
  }
  const { compare } = figure;
  const values: number[] = [];
  const compared: number[] = [];
  for (const round of rounds) {
    const work = round[name];
    if (!work) continue;
    const value = figure.read(work);
    values.push(value);
    const base = compare && compare.to !== name ? round[compare.to] : undefined;
    if (compare && base) compared.push(relate(value, figure.read(base), compare.how));
  }
  return { value: median(values), compared: median(compared) };
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
