/** What an answer of `/v1/chat/completions` says. */
import { type AnswerReader, type Json, listIn, numberIn, objectIn, textIn, usageIn } from "./answer.ts";
import { joined, type Logprobs, logprobsIn } from "./logprobs.ts";

interface Call {
  hasId: boolean;
  name: string;
  arguments: string;
}

interface Choice {
  role: string;
  text: string;
  reasoning: string;
  calls: Call[];
  logprobs: Logprobs | null;
  finish: string;
}

export const chatAnswers: AnswerReader = {
  whole({ model, choices, usage }) {
    return { model, choices: put(listIn(choices), "message"), usage: usageIn(usage) };
  },
  stream(chunks) {
    const last = chunks.findLast(({ usage }) => usageIn(usage) !== null);
    return {
      model: chunks[0]?.model,
      choices: put(
        chunks.flatMap(({ choices }) => listIn(choices)),
        "delta",
      ),
      usage: usageIn(last?.usage),
    };
  },
};

/** The choices, put together from parts in any order. */
function put(parts: readonly Json[], member: "message" | "delta"): Choice[] {
  const choices: Choice[] = [];
  for (const part of parts) {
    const index = numberIn(part.index);
    choices[index] ??= { role: "", text: "", reasoning: "", calls: [], logprobs: null, finish: "" };
    addPart(choices[index], objectIn(part[member]), part);
  }
  return choices;
}

function addPart(choice: Choice, said: Json, { logprobs, finish_reason: finish }: Json): void {
  choice.role ||= textIn(said.role);
  choice.text += textIn(said.content);
  choice.reasoning += textIn(said.reasoning_content);
  for (const [place, call] of listIn(said.tool_calls).entries()) addCall(choice.calls, call, place);
  choice.logprobs = joined(choice.logprobs, logprobsIn(logprobs));
  choice.finish = textIn(finish) || choice.finish;
}

/** Of a whole answer a call is numbered by its place. */
function addCall(calls: Call[], part: Json, place: number): void {
  const index = typeof part.index === "number" ? part.index : place;
  const called = objectIn(part.function);
  calls[index] ??= { hasId: false, name: "", arguments: "" };
  const call = calls[index];
  call.hasId ||= textIn(part.id) !== "";
  call.name += textIn(called.name);
  call.arguments += textIn(called.arguments);
}
