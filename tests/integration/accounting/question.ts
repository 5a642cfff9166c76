/** What a client of the accounting run asks. */
import type { Dice } from "./dice.ts";

/** Who asks: `crowd` are several users of all tiers, the others have one limit each, which they keep running into. */
export type Asker = "crowd" | "stranger" | "poor" | "lonely" | "slow" | "narrow";

export interface Question {
  kind: string;
  method: "GET" | "POST";
  path: string;
  body: object | null;
  /** As usage rows name it; null where there is no row whatever comes. */
  endpoint: string | null;
  /** The one that is asked. */
  model: string;
  streamed: boolean;
  asker: Asker;
  /** All that may come. */
  statuses: readonly number[];
  /** The engine refuses it, so that it is on the books all the same. */
  refusedByEngine?: boolean;
  /** Its engine is killed now and then. */
  mayFail?: boolean;
}

/** Rolls a question to one of the models that can answer it. */
export type Ask = (dice: Dice, model: string) => Question;

interface Body {
  model: string;
  stream?: boolean;
  [parameter: string]: unknown;
}

/** A question to an endpoint that answers it. */
export function post(kind: string, endpoint: string, body: Body): Question {
  const path = `/v1/${endpoint.replace(".", "/")}`;
  const streamed = body.stream === true;
  const { model } = body;
  return {
    kind,
    method: "POST",
    path,
    body,
    endpoint,
    model,
    streamed,
    asker: "crowd",
    statuses: [200],
  };
}

const words = "hello from the tiny test model one two three say how what who describe a world of sound".split(
  " ",
);

export function text(dice: Dice, most = 12): string {
  return dice.several(dice.whole(1, most), () => dice.pick(words)).join(" ");
}

/** With "count" in it the tiny model goes on until something stops it. */
export function prompt(dice: Dice): string {
  return dice.chance(0.4) ? `${text(dice)} count` : text(dice);
}

/** Those of any tiny model. */
export function tokens(dice: Dice): number[] {
  return dice.several(dice.whole(1, 12), () => dice.whole(100, 160));
}

/** Sampled with a seed of its own, or greedy. */
export function sampling(dice: Dice): { temperature: number; seed?: number } {
  return dice.chance(0.3) ? { temperature: 1, seed: dice.whole(0, 1_000_000) } : { temperature: 0 };
}
