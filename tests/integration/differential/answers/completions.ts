/** What an answer of `/v1/completions` says. */
import { type AnswerReader, type Json, listIn, numberIn, textIn, usageIn } from "./answer.ts";
import { joined, type Logprobs, logprobsIn } from "./logprobs.ts";

interface Choice {
  text: string;
  logprobs: Logprobs | null;
  finish: string;
}

export const completionAnswers: AnswerReader = {
  whole({ model, choices, usage }) {
    return { model, choices: put(listIn(choices)), usage: usageIn(usage) };
  },
  stream(chunks) {
    const usages = chunks.map(({ usage }) => usageIn(usage)).filter((usage) => usage !== null);
    return {
      model: chunks.find(({ model }) => model !== undefined)?.model,
      choices: put(chunks.flatMap(({ choices }) => listIn(choices))),
      usage: usages.at(-1) ?? null,
    };
  },
};

function put(parts: readonly Json[]): Choice[] {
  const choices: Choice[] = [];
  for (const part of parts) {
    const index = numberIn(part.index);
    choices[index] ??= { text: "", logprobs: null, finish: "" };
    const choice = choices[index];
    choice.text += textIn(part.text);
    choice.logprobs = joined(choice.logprobs, logprobsIn(part.logprobs));
    choice.finish = textIn(part.finish_reason) || choice.finish;
  }
  return choices;
}
