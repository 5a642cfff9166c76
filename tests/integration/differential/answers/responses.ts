/** What an answer of `/v1/responses` says. */
import { type AnswerReader, type Json, listIn, numberIn, objectIn, textIn } from "./answer.ts";
import { logprobsIn } from "./logprobs.ts";

export const responsesAnswers: AnswerReader = {
  whole(response) {
    const content = responseOf(response);
    return { ...content, pieces: content.items.map(({ text }) => text).join("") };
  },
  /** The last event repeats all of the answer; a client that shows it as it comes reads the pieces. */
  stream(events) {
    const last = events.findLast(({ response }) => response !== undefined);
    return { ...responseOf(objectIn(last?.response)), pieces: events.map(pieceOf).join("") };
  },
};

function pieceOf({ type, delta }: Json): string {
  return textIn(type).endsWith(".delta") ? textIn(delta) : "";
}

function responseOf({ object, model, status, incomplete_details: cut, output, usage }: Json) {
  const { input_tokens: prompt, output_tokens: completion, total_tokens: total } = objectIn(usage);
  return {
    object,
    model,
    status,
    cut: textIn(objectIn(cut).reason),
    items: listIn(output).map(itemOf),
    usage: { prompt: numberIn(prompt), completion: numberIn(completion), total: numberIn(total) },
  };
}

function itemOf({ type, role, status, content, name, arguments: given }: Json) {
  const parts = listIn(content);
  return {
    type,
    role,
    status,
    name,
    text: parts.map(({ text }) => textIn(text)).join("") + textIn(given),
    logprobs: parts.map(({ logprobs }) => logprobsIn({ content: logprobs })),
  };
}
