/** Completions that came in one piece, from an engine that was not asked to stream. */
import { answeredObject, GatheredReader, malformedAnswer } from "../gathered-answer.ts";
import { estimatedTextTokens } from "../text-or-tokens.ts";
import { engineUsageToWire, type Usage, usageFromWire } from "../usage.ts";
import { estimatedCompletion } from "./counts.ts";
import { answerHead, type CompletionChoice, type CompletionChunk, completionChunk } from "./events.ts";
import { LogprobsReader } from "./logprobs.ts";
import { type CompletionRequest, choiceCount, promptTextOf } from "./request.ts";

export class CompletionPlainReader extends GatheredReader<CompletionRequest> {
  answer(): string {
    const text = this.gathered.text();
    const parsed = completionChunk.safeParse(answeredObject(text));
    if (!parsed.success) throw malformedAnswer(text.slice(0, 500));
    const answer = parsed.data;
    const counted = this.#countsAll(answer) ? usageFromWire(answer.usage) : null;
    this.counted = counted ?? estimatedCompletion(this.call, estimatedOutput(answer));
    const logprobs = new LogprobsReader(this.call);
    return JSON.stringify({
      ...answerHead(answer, this.modelId),
      choices: answer.choices.map((choice) => this.#wireChoice(choice, logprobs)),
      usage: engineUsageToWire(counted ? answer.usage : undefined, this.counted),
    });
  }

  /** The engine had the prompts; what it wrote of the answer nobody knows, and nobody pays. */
  protected override estimateWhenLeft(): Usage {
    return estimatedCompletion(this.call, 0);
  }

  /** In a whole answer llama-server (0.7.0) counts one choice of all. It is known by its `timings`. */
  #countsAll({ timings }: CompletionChunk): boolean {
    return timings === undefined || choiceCount(this.call) === 1;
  }

  #wireChoice({ text, ...choice }: CompletionChoice, logprobs: LogprobsReader): CompletionChoice {
    const echo = this.call.echo ? promptTextOf(this.call, choice.index) : "";
    return { text: echo + (text ?? ""), ...choice, logprobs: logprobs.read(choice) };
  }
}

function estimatedOutput({ choices }: CompletionChunk): number {
  return choices.reduce((sum, { text }) => sum + estimatedTextTokens(text ?? ""), 0);
}
