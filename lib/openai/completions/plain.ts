/** Completions that came in one piece, from an engine that was not asked to stream. */
import type { WholeReader } from "../../gateway/endpoint.ts";
import { answeredObject, GatheredAnswer, malformedAnswer } from "../gathered-answer.ts";
import { estimatedTextTokens } from "../text-or-tokens.ts";
import { engineUsageToWire, noUsage, type Usage, usageFromWire } from "../usage.ts";
import { estimatedCompletion } from "./counts.ts";
import { answerHead, type CompletionChoice, type CompletionChunk, completionChunk } from "./events.ts";
import { LogprobsReader } from "./logprobs.ts";
import { type CompletionRequest, choiceCount, promptTextOf } from "./request.ts";

export class CompletionPlainReader implements WholeReader {
  readonly #call: CompletionRequest;
  readonly #modelId: string;
  readonly #answer = new GatheredAnswer();
  #usage: Usage | null = null;

  constructor(call: CompletionRequest, modelId: string) {
    this.#call = call;
    this.#modelId = modelId;
  }

  get hasBegun(): boolean {
    return this.#answer.hasBegun;
  }

  push(chunk: Buffer): void {
    this.#answer.push(chunk);
  }

  answer(): string {
    const text = this.#answer.text();
    const parsed = completionChunk.safeParse(answeredObject(text));
    if (!parsed.success) throw malformedAnswer(text.slice(0, 500));
    const answer = parsed.data;
    const counted = this.#countsAll(answer) ? usageFromWire(answer.usage) : null;
    this.#usage = counted ?? estimatedCompletion(this.#call, estimatedOutput(answer));
    const logprobs = new LogprobsReader(this.#call);
    return JSON.stringify({
      ...answerHead(answer, this.#modelId),
      choices: answer.choices.map((choice) => this.#wireChoice(choice, logprobs)),
      usage: engineUsageToWire(counted ? answer.usage : undefined, this.#usage),
    });
  }

  usage(): Usage {
    return this.#usage ?? noUsage;
  }

  /** The engine had the prompts; what it wrote of the answer nobody knows, and nobody pays. */
  usageWhenLeft(): Usage {
    return this.#usage ?? estimatedCompletion(this.#call, 0);
  }

  /** In a whole answer llama-server (0.7.0) counts one choice of all. It is known by its `timings`. */
  #countsAll({ timings }: CompletionChunk): boolean {
    return timings === undefined || choiceCount(this.#call) === 1;
  }

  #wireChoice({ text, ...choice }: CompletionChoice, logprobs: LogprobsReader): CompletionChoice {
    const echo = this.#call.echo ? promptTextOf(this.#call, choice.index) : "";
    return { text: echo + (text ?? ""), ...choice, logprobs: logprobs.read(choice) };
  }
}

function estimatedOutput({ choices }: CompletionChunk): number {
  return choices.reduce((sum, { text }) => sum + estimatedTextTokens(text ?? ""), 0);
}
