/** Streamed completions gathered into one answer, for clients that did not ask for a stream. */
import type { WholeReader } from "../../gateway/endpoint.ts";
import { malformedAnswer } from "../gathered-answer.ts";
import type { Usage } from "../usage.ts";
import { CompletionEvents, type PieceHandler } from "./event-reader.ts";
import { answerHead, type CompletionChoice } from "./events.ts";
import { appendLogprobs, type CompletionLogprobs, LogprobsReader } from "./logprobs.ts";
import { type CompletionRequest, promptTextOf } from "./request.ts";

/** One choice as far as it has come. */
interface Choice {
  text: string;
  logprobs: CompletionLogprobs | null;
  finishReason: string | null;
}

export class CompletionWholeReader implements WholeReader, PieceHandler {
  readonly #call: CompletionRequest;
  readonly #modelId: string;
  readonly #events: CompletionEvents;
  readonly #logprobs: LogprobsReader;
  readonly #choices = new Map<number, Choice>();

  constructor(call: CompletionRequest, modelId: string) {
    this.#call = call;
    this.#modelId = modelId;
    this.#events = new CompletionEvents(call, this);
    this.#logprobs = new LogprobsReader(call);
  }

  get hasBegun(): boolean {
    return this.#events.counts.pieces > 0;
  }

  push(chunk: Buffer): void {
    this.#events.push(chunk);
  }

  answer(): string {
    this.#events.end();
    const { head, counts } = this.#events;
    const choices = [...this.#choices].sort(([one], [other]) => one - other);
    return JSON.stringify({
      ...(head && answerHead(head, this.#modelId)),
      choices: choices.map(([index, { text, logprobs, finishReason }]) => ({
        text,
        index,
        logprobs,
        finish_reason: finishReason ?? "stop",
      })),
      usage: counts.toWire(this.usage()),
    });
  }

  usage(): Usage {
    return this.#events.usage();
  }

  usageWhenLeft(): Usage {
    return this.usage();
  }

  onText(index: number, event: Buffer, start: number, end: number): void {
    this.#choiceAt(index).text += unescaped(event.toString("utf8", start, end));
  }

  onChoice(part: CompletionChoice): void {
    const choice = this.#choiceAt(part.index);
    const logprobs = this.#logprobs.read(part);
    choice.text += part.text ?? "";
    choice.finishReason = part.finish_reason ?? choice.finishReason;
    if (logprobs && choice.logprobs) appendLogprobs(choice.logprobs, logprobs);
    else choice.logprobs ??= logprobs;
  }

  #choiceAt(index: number): Choice {
    const known = this.#choices.get(index);
    if (known) return known;
    const text = this.#call.echo ? promptTextOf(this.#call, index) : "";
    const choice = { text, logprobs: null, finishReason: null };
    this.#choices.set(index, choice);
    return choice;
  }
}

/** What JSON means by the inside of a string. */
function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    throw malformedAnswer(text.slice(0, 500));
  }
}
