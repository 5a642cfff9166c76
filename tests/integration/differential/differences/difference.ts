/** A place where the gateway means to answer otherwise than llama-server does. */
import type { Case } from "../case.ts";
import { type Finding, httpStatus } from "../compare.ts";

export interface Difference {
  /** What a client sends. */
  sent: string;
  /** What llama-server makes of it. */
  direct: string;
  gateway: string;
  reason: string;
  /** True for what this difference looks like. */
  covers(finding: Finding, one: Case): boolean;
}

/** A 400 that names one of the fields which the case is about, where llama-server answers with this class of status. */
export function refused(directClass: 2 | 5) {
  return ({ path, direct, gateway, refusal }: Finding, { about }: Case): boolean =>
    path === httpStatus &&
    Math.floor(Number(direct) / 100) === directClass &&
    gateway === 400 &&
    about.some((field) => refusal.includes(field));
}

/** An answer where llama-server refuses. */
export const answered = ({ path, direct, gateway }: Finding): boolean =>
  path === httpStatus && direct === 400 && gateway === 200;

/** Other content at such a place; never a refusal. */
export function told(place: RegExp, is: (finding: Finding) => boolean = () => true) {
  return (finding: Finding): boolean =>
    finding.path !== httpStatus && place.test(finding.path) && is(finding);
}
