/** Tells where two answers differ. */
import type { Answer } from "./answers/answer.ts";

/** What was compared: the two whole answers, the two streams, or the gateway's own whole answer and stream. */
export type View = "whole" | "stream" | "gateway's own";

/** One place where two answers differ. */
export interface Finding {
  view: View;
  /** `httpStatus`, or where in the content of the answers, as `choices[0].finish`. */
  path: string;
  /** What the llama-server says there; of the gateway's own two, what its whole answer says. */
  direct: unknown;
  gateway: unknown;
  /** The gateway's words, where it refused. */
  refusal: string;
}

/** How far numbers may lie apart: the order in which sums are made is not the same in two batches. */
const tolerances: readonly [path: RegExp, most: number][] = [
  [/logprob/, 1e-4],
  [/^vectors|score/, 1e-6],
];

/** The path of a finding about the answers' status. */
export const httpStatus = "HTTP status";

/** Every place where the answers differ; only their status where one of them is a refusal. */
export function findingsOf(view: View, direct: Answer, gateway: Answer): Finding[] {
  const { refusal } = gateway;
  if (statusClass(direct) !== statusClass(gateway))
    return [{ view, path: httpStatus, direct: direct.status, gateway: gateway.status, refusal }];
  const found: Finding[] = [];
  collect(direct.content, gateway.content, "", (path, one, other) =>
    found.push({ view, path, direct: one, gateway: other, refusal }),
  );
  return found;
}

type Report = (path: string, one: unknown, other: unknown) => void;

function collect(one: unknown, other: unknown, path: string, report: Report): void {
  if (!isContainer(one) || !isContainer(other) || Array.isArray(one) !== Array.isArray(other)) {
    if (!isAlike(one, other, path)) report(path, one, other);
    return;
  }
  const [first, second] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  for (const name of new Set([...first.keys(), ...second.keys()])) {
    const member = Array.isArray(one) ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
    collect(first.get(name), second.get(name), member, report);
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isAlike(one: unknown, other: unknown, path: string): boolean {
  if (typeof one !== "number" || typeof other !== "number") return Object.is(one, other);
  const [, most = 0] = tolerances.find(([place]) => place.test(path)) ?? [];
  return Math.abs(one - other) <= most;
}

function statusClass({ status }: Answer): number {
  return Math.floor(status / 100);
}
