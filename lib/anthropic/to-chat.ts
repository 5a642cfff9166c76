/** A checked request in Anthropic's words, as the chat request that engines understand. */
import type { ChatRequest } from "../openai/chat/request.ts";
import { chatMessages } from "./chat-messages.ts";
import { imagePaths } from "./image-paths.ts";
import type { CountTokensRequest } from "./request.ts";

/** A request as the gateway goes on with it. */
export interface MessagesCall {
  model?: string | null;
  stream?: boolean | null;
  chat: ChatRequest;
  stopSequences: readonly string[];
  /** Where its images stand in the request, in their order. */
  imagePaths: readonly string[];
  /** True where the client asked for thinking without saying how much. */
  asksToThink: boolean;
}

export function messagesCall(request: CountTokensRequest): MessagesCall {
  const stopSequences = request.stop_sequences ?? [];
  const isThinking = request.thinking != null && request.thinking.type !== "disabled";
  return {
    model: request.model,
    stream: request.stream,
    chat: chatRequest(request),
    stopSequences,
    imagePaths: imagePaths(request.messages),
    asksToThink: isThinking && !request.output_config?.effort,
  };
}

function chatRequest(request: CountTokensRequest): ChatRequest {
  const { tools, tool_choice: choice, stop_sequences: stop } = request;
  const isSerial = choice && choice.type !== "none" && choice.disable_parallel_tool_use;
  return {
    model: request.model,
    messages: chatMessages(request.system ?? "", request.messages),
    stream: request.stream,
    max_tokens: request.max_tokens,
    temperature: request.temperature,
    top_p: request.top_p,
    top_k: request.top_k,
    stop: stop?.length ? stop : undefined,
    tools: tools?.map(chatTool),
    tool_choice: choice ? chatToolChoice(choice) : undefined,
    parallel_tool_calls: isSerial ? false : undefined,
    response_format: responseFormat(request),
    reasoning_effort: reasoningEffort(request),
  };
}

function chatTool({
  name,
  description,
  input_schema: parameters,
  strict,
}: NonNullable<CountTokensRequest["tools"]>[number]): NonNullable<ChatRequest["tools"]>[number] {
  return { type: "function", function: { name, description, parameters, strict } };
}

function chatToolChoice(choice: NonNullable<CountTokensRequest["tool_choice"]>): ChatRequest["tool_choice"] {
  switch (choice.type) {
    case "any":
      return "required";
    case "tool":
      return { type: "function", function: { name: choice.name } };
    default:
      return choice.type;
  }
}

function responseFormat({ output_config: config }: CountTokensRequest): ChatRequest["response_format"] {
  const schema = config?.format?.schema;
  return schema && { type: "json_schema", json_schema: { name: "answer", schema, strict: true } };
}

/** OpenAI's scale ends one step before Anthropic's. */
function reasoningEffort({
  thinking,
  output_config: config,
}: CountTokensRequest): ChatRequest["reasoning_effort"] {
  if (thinking?.type === "disabled") return "none";
  return config?.effort === "max" ? "xhigh" : config?.effort;
}
