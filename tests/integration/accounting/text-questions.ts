/** Questions to text models, over every API that writes. */
import type { Dice } from "./dice.ts";
import { type Ask, post, prompt, sampling, text, tokens } from "./question.ts";

const weather = {
  name: "get_weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const answerSchema = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };

function chatBody(dice: Dice, model: string) {
  const stream = dice.chance(0.6);
  return {
    model,
    messages: [{ role: "user", content: prompt(dice) }],
    max_tokens: dice.whole(1, 60),
    ...sampling(dice),
    stream,
    // Without it the client of a stream learns of no counts: then the row has nothing to be like.
    ...(stream && dice.chance(0.8) && { stream_options: { include_usage: true } }),
  };
}

const chat: Ask = (dice, model) => post("chat", "chat.completions", chatBody(dice, model));

/** An answer that takes its time. */
export const longChat: Ask = (dice, model) => {
  const messages = [{ role: "user", content: `${text(dice)} count` }];
  return post("long chat", "chat.completions", {
    ...chatBody(dice, model),
    messages,
    max_tokens: dice.whole(100, 500),
  });
};

const message: Ask = (dice, model) => {
  const { stream_options, ...body } = chatBody(dice, model);
  return post("message", "messages", body);
};

const response: Ask = (dice, model) =>
  post("response", "responses", {
    model,
    input: prompt(dice),
    max_output_tokens: dice.whole(16, 60),
    stream: dice.chance(0.6),
  });

const completion: Ask = (dice, model) =>
  post("completion", "completions", completionBody(dice, model, text(dice)));

const prompts: Ask = (dice, model) =>
  post(
    "completion of prompts",
    "completions",
    completionBody(
      dice,
      model,
      dice.several(dice.whole(2, 3), () => text(dice)),
    ),
  );

function completionBody(dice: Dice, model: string, given: string | string[] | number[] | number[][]) {
  const stream = dice.chance(0.5);
  return {
    model,
    prompt: given,
    max_tokens: dice.whole(1, 40),
    ...sampling(dice),
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
  };
}

const tokenPrompt: Ask = (dice, model) =>
  post(
    "completion of tokens",
    "completions",
    completionBody(dice, model, dice.chance(0.5) ? tokens(dice) : dice.several(2, () => tokens(dice))),
  );

const twoCompletions: Ask = (dice, model) =>
  post("two completions", "completions", { ...completionBody(dice, model, text(dice)), n: 2 });

const twoChoices: Ask = (dice, model) =>
  post("two choices", "chat.completions", { ...chatBody(dice, model), n: 2 });

const tool: Ask = (dice, model) =>
  post("tool", "chat.completions", {
    ...chatBody(dice, model),
    max_tokens: 60,
    tools: [{ type: "function", function: weather }],
    tool_choice: "required",
  });

const schema: Ask = (dice, model) => {
  const response_format = { type: "json_schema", json_schema: { name: "answer", schema: answerSchema } };
  return post("schema", "chat.completions", { ...chatBody(dice, model), response_format });
};

const logprobs: Ask = (dice, model) =>
  post("logprobs", "chat.completions", { ...chatBody(dice, model), logprobs: true, top_logprobs: 2 });

const countTokens: Ask = (dice, model) => {
  const messages = [{ role: "user", content: text(dice) }];
  return post("count tokens", "messages.count_tokens", { model, messages });
};

/** What any engine answers, a remote one too. */
export const plainQuestions: readonly Ask[] = [chat, chat, longChat, message, response, completion, prompts];

/** What llama-server answers. */
export const textQuestions: readonly Ask[] = [
  ...plainQuestions,
  tokenPrompt,
  twoCompletions,
  twoChoices,
  tool,
  schema,
  logprobs,
  countTokens,
];
