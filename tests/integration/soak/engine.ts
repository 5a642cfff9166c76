/** The remote engine of a soak: what a request asks for in its last message is what it gets. */
import { EventEmitter } from "node:events";
import { type Behaviour, endless, gap, instant, neverAnswers } from "../../harness/mock-behaviours.ts";

export const remoteModel = "mock";

/** Tells by its text that a request has come which waits for ever. */
export const arrivals = new EventEmitter().setMaxListeners(0);

const largeWord = "x".repeat(50_000);

const behaviours = {
  words: gap(2, ["a ", "few ", "words ", "of ", "the ", "mock"]),
  /** 16 MB: nearly twice of what systems keep between this engine and a reader that rests. */
  flood: instant(Array.from({ length: 320 }, () => largeWord)),
  "words for ever": endless(20),
  "a flood for ever": endless(0, largeWord),
} satisfies Record<string, Behaviour>;

/** The body of a request to the engine. */
export function askRemote(what: keyof typeof behaviours) {
  return { model: remoteModel, messages: [{ role: "user", content: what }] };
}

/** The body of a request that gets no answer; `arrivals` tells of `text` when it has come. */
export function askForNothing(text: string) {
  return { model: remoteModel, messages: [{ role: "user", content: text }] };
}

export const answerAsAsked: Behaviour = async (exchange) => {
  const asked = String(exchange.body.messages?.at(-1)?.content);
  const behaviour = Object.entries(behaviours).find(([name]) => name === asked)?.[1];
  if (behaviour) return behaviour(exchange);
  arrivals.emit(asked);
  return neverAnswers()(exchange);
};
