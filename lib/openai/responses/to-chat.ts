/** A request for a response as the chat that it amounts to: engines are only ever asked to chat. */
import type { ChatRequest } from "../chat/request.ts";
import { chatMessages } from "./messages.ts";
import type { ResponsesRequest } from "./request.ts";

/** Without messages where the input holds reasoning alone. */
export function toChat(request: ResponsesRequest): ChatRequest {
  const { input, instructions, include, max_output_tokens, tools, tool_choice, text, reasoning } = request;
  return {
    model: request.model,
    stream: request.stream,
    messages: chatMessages(instructions, input),
    max_completion_tokens: max_output_tokens,
    temperature: request.temperature,
    top_p: request.top_p,
    presence_penalty: request.presence_penalty,
    frequency_penalty: request.frequency_penalty,
    seed: request.seed,
    logit_bias: request.logit_bias,
    logprobs: include?.includes("message.output_text.logprobs"),
    top_logprobs: request.top_logprobs,
    tools: tools?.map(({ type, ...definition }) => ({ type, function: definition })),
    tool_choice: chatToolChoice(tool_choice),
    parallel_tool_calls: request.parallel_tool_calls,
    response_format: responseFormat(text?.format),
    reasoning_effort: reasoning?.effort,
    chat_template_kwargs: request.chat_template_kwargs,
    top_k: request.top_k,
    min_p: request.min_p,
    repeat_penalty: request.repeat_penalty,
  };
}

function chatToolChoice(choice: ResponsesRequest["tool_choice"]): ChatRequest["tool_choice"] {
  return typeof choice === "object" && choice !== null
    ? { type: "function", function: { name: choice.name } }
    : choice;
}

function responseFormat(
  format: NonNullable<ResponsesRequest["text"]>["format"],
): ChatRequest["response_format"] {
  if (format?.type !== "json_schema") return format;
  const { type, ...definition } = format;
  return { type, json_schema: definition };
}
