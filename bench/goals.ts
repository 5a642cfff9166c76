/** What the gateway is to reach, and whether it did. */
import { type FigureId, figures, type Measured, summarise } from "./figures.ts";

export interface Goal {
  label: string;
  figure: FigureId;
  /** The figure itself, or how it compares (figures.ts says with what). */
  of: "value" | "compared";
  atMost?: number;
  atLeast?: number;
  /** How far it may be missed before `--assert` fails: figures of a shared machine scatter. */
  margin: number;
}

export const goals: readonly Goal[] = [
  { label: "CPU a request, x proxy", figure: "cpuUsPerRequest", of: "compared", atMost: 2, margin: 0.3 },
  { label: "requests/s, % of the proxy's", figure: "requestsPerS", of: "compared", atLeast: 45, margin: 5 },
  { label: "added over the proxy, p50 ms", figure: "p50Ms", of: "compared", atMost: 1, margin: 1 },
  { label: "added over the proxy, p99 ms", figure: "p99Ms", of: "compared", atMost: 4, margin: 4 },
  { label: "CPU a token, x proxy", figure: "cpuUsPerToken", of: "compared", atMost: 1.3, margin: 0.2 },
  {
    label: "64 streams: tokens/s, % of direct",
    figure: "tokensPerS",
    of: "compared",
    atLeast: 98.5,
    margin: 2,
  },
  {
    label: "64 streams: added to the first token, p50 ms",
    figure: "firstTokenP50Ms",
    of: "compared",
    atMost: 3.2,
    margin: 6,
  },
  { label: "streams open at once", figure: "held", of: "value", atLeast: 1000, margin: 0 },
  { label: "KiB an open stream", figure: "kibPerStream", of: "value", atMost: 45, margin: 10 },
  {
    label: "engine streams left 2 s after the clients left",
    figure: "leftUpstream",
    of: "value",
    atMost: 0,
    margin: 0,
  },
  {
    label: "memory, idle, portal loaded, MiB",
    figure: "idleMib",
    of: "value",
    atMost: 200,
    margin: 20,
  },
];

export type Verdict = "reached" | "missed" | "missed by far" | "not measured";

export interface GoalResult {
  goal: Goal;
  measured: number | null;
  verdict: Verdict;
}

/** The gateway's figures against the goals. */
export function judge(measured: Measured): GoalResult[] {
  return goals.map((goal) => {
    const figure = figures.find(({ id }) => id === goal.figure);
    const value = figure ? summarise(figure, "gateway", measured)[goal.of] : null;
    return { goal, measured: value, verdict: verdictOn(goal, value) };
  });
}

export function verdictOn(goal: Goal, measured: number | null): Verdict {
  if (measured === null) return "not measured";
  const over = goal.atMost === undefined ? 0 : measured - goal.atMost;
  const under = goal.atLeast === undefined ? 0 : goal.atLeast - measured;
  const missedBy = Math.max(over, under);
  if (missedBy <= 0) return "reached";
  return missedBy <= goal.margin ? "missed" : "missed by far";
}
