/** One request of a client, and what it saw of the answer. */
import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { AnswerReading, type ClientUsage } from "./answer-reading.ts";
import type { Asking } from "./askers.ts";
import type { Dice } from "./dice.ts";
import type { Question } from "./question.ts";

/** When a client closes its connection, if there is still something to close. */
export type Leaving =
  | { at: "sent" }
  | { at: "pause"; afterMs: number }
  | { at: "head" }
  | { at: "piece"; count: number }
  | { at: "end" };

export interface Visit {
  question: Question;
  asking: Asking;
  leaving: Leaving | null;
  /** Null where the client left before the head of the answer. */
  status: number | null;
  requestId: string | null;
  /** Pieces of a streamed text. */
  pieces: number;
  usage: ClientUsage | null;
  /** `failed`: an event of an error, or an end that nobody announced. */
  end: "whole" | "left" | "failed";
}

/** At a moment of the request's life that is as likely as any other. */
export function rollLeaving(dice: Dice, { streamed }: Question): Leaving {
  const early: (() => Leaving)[] = [
    () => ({ at: "sent" }),
    () => ({ at: "pause", afterMs: dice.whole(0, 25) }),
    () => ({ at: "head" }),
  ];
  const late: (() => Leaving)[] = [
    () => ({ at: "piece", count: dice.whole(1, 30) }),
    () => ({ at: "piece", count: dice.whole(1, 5) }),
    () => ({ at: "end" }),
  ];
  return dice.pick(streamed ? [...early, ...late] : early)();
}

/** @param agent the client's own, which keeps its one connection */
export function visit(
  url: string,
  agent: Agent,
  asking: Asking,
  question: Question,
  leaving: Leaving | null,
): Promise<Visit> {
  return new Promise((resolve) => new RunningVisit(url, agent, asking, question, leaving, resolve));
}

class RunningVisit {
  readonly #visit: Visit;
  readonly #request;
  readonly #reading = new AnswerReading();
  #whole = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(
    url: string,
    agent: Agent,
    asking: Asking,
    question: Question,
    leaving: Leaving | null,
    onEnd: (visit: Visit) => void,
  ) {
    const seen = { status: null, requestId: null, pieces: 0, usage: null, end: "failed" as const };
    this.#visit = { question, asking, leaving, ...seen };
    const headers = { authorization: `Bearer ${asking.key}`, "content-type": "application/json" };
    this.#request = httpRequest(url + question.path, { method: question.method, agent, headers });
    this.#request.on("error", () => {}); // The end of the visit tells.
    this.#request.once("response", (response) => this.#onHead(response));
    this.#request.once("close", () => {
      clearTimeout(this.#timer);
      onEnd({ ...this.#visit, pieces: this.#reading.pieces, usage: this.#reading.usage });
    });
    if (leaving?.at === "sent") this.#request.once("finish", () => this.#leave());
    if (leaving?.at === "pause") this.#timer = setTimeout(() => this.#leave(), leaving.afterMs);
    this.#request.end(question.body === null ? undefined : JSON.stringify(question.body));
  }

  #leave(): void {
    if (this.#visit.end === "whole") return;
    this.#visit.end = "left";
    this.#request.destroy();
  }

  #onHead(response: IncomingMessage): void {
    this.#visit.status = response.statusCode ?? null;
    this.#visit.requestId = String(response.headers["x-request-id"]);
    if (this.#visit.leaving?.at === "head") {
      this.#leave();
      return;
    }
    const isStream = response.headers["content-type"]?.startsWith("text/event-stream") ?? false;
    response.on("error", () => {});
    response.setEncoding("utf8").on("data", (text: string) => {
      if (this.#visit.end === "left") return;
      if (isStream) this.#read(text);
      else this.#whole += text;
    });
    response.once("end", () => this.#onEnd(isStream));
  }

  #read(text: string): void {
    const { leaving } = this.#visit;
    this.#reading.push(text);
    if (leaving?.at === "piece" && this.#reading.pieces >= leaving.count) this.#leave();
    if (leaving?.at === "end" && this.#reading.isNearEnd) this.#leave();
  }

  #onEnd(isStream: boolean): void {
    if (this.#visit.end === "left") return;
    if (!isStream) this.#reading.readWhole(this.#whole);
    const isWhole = isStream ? this.#reading.isFinished && !this.#reading.hasError : true;
    this.#visit.end = isWhole ? "whole" : "failed";
  }
}
