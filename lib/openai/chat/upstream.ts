/** A checked chat request as an engine gets it. */
import { GatewayError } from "../../errors.ts";
import type { Grant, UpstreamRequest } from "../../gateway/endpoint.ts";
import type { Engine } from "../../slots/types.ts";
import { checkSchema } from "../bounds.ts";
import { upstreamSampling } from "../sampling.ts";
import type { ChatMessage, ChatRequest } from "./request.ts";

type Tool = NonNullable<ChatRequest["tools"]>[number];

/**
 * Builds the engine's request from the parameters that `chatRequest` lets through.
 * @throws GatewayError 400 where this engine cannot do what the call asks
 */
export function chatUpstream(call: ChatRequest, grant: Grant, engine: Engine): UpstreamRequest {
  const stream = call.stream === true || engine.alwaysStream;
  const { tools, toolChoice } = offeredTools(call);
  checkFreeForm(call);
  if (engine.alwaysStream && call.logprobs && tools)
    throw new GatewayError("invalid_request", "This model cannot give `logprobs` together with `tools`.", {
      param: "logprobs",
    });
  const body = {
    model: engine.upstreamModel,
    messages: call.messages.map(upstreamMessage),
    stream,
    stream_options: stream ? { include_usage: true } : undefined,
    max_tokens: grant.maxOutputTokens,
    ...upstreamSampling(call),
    logprobs: call.logprobs ?? undefined,
    top_logprobs: call.logprobs ? (call.top_logprobs ?? undefined) : undefined,
    tools,
    tool_choice: toolChoice,
    parallel_tool_calls: tools ? (call.parallel_tool_calls ?? undefined) : undefined,
    response_format: call.response_format?.type === "text" ? undefined : (call.response_format ?? undefined),
    ...(engine.kind === "llama-server" ? templateOptions(call) : reasoningOptions(call)),
    ...(engine.reportsProgress ? { timings_per_token: true, return_progress: true } : undefined),
  };
  return { path: "/chat/completions", body: JSON.stringify(body), isStreamed: stream };
}

/** llama-server passes reasoning effort to the chat template; models that only know on and off get that. */
function templateOptions(call: ChatRequest) {
  if (!call.reasoning_effort && !call.chat_template_kwargs) return undefined;
  const effort = call.reasoning_effort;
  const fromEffort = effort ? { reasoning_effort: effort, enable_thinking: effort !== "none" } : undefined;
  return { chat_template_kwargs: { ...fromEffort, ...call.chat_template_kwargs } };
}

function reasoningOptions(call: ChatRequest) {
  return {
    reasoning_effort: call.reasoning_effort ?? undefined,
    chat_template_kwargs: call.chat_template_kwargs ?? undefined,
  };
}

/** Chat templates of local models know `system`, not its newer name `developer`. */
function upstreamMessage(message: ChatMessage): ChatMessage {
  return message.role === "developer" ? { ...message, role: "system" } : message;
}

/**
 * The tools that the engine may call. llama-server takes a named `tool_choice` for `auto`, and with `none` it leaves
 * the tools in the prompt, so both are said by what is offered.
 */
function offeredTools(call: ChatRequest): {
  tools: Tool[] | undefined;
  toolChoice: "auto" | "required" | undefined;
} {
  const choice = call.tool_choice;
  if (!call.tools?.length) {
    if (choice && choice !== "none" && choice !== "auto")
      throw new GatewayError("invalid_request", "`tool_choice` needs `tools`.", { param: "tool_choice" });
    return { tools: undefined, toolChoice: undefined };
  }
  if (choice === "none") return { tools: undefined, toolChoice: undefined };
  if (typeof choice !== "object" || choice === null)
    return { tools: call.tools, toolChoice: choice ?? undefined };
  const chosen = call.tools.filter((tool) => tool.function.name === choice.function.name);
  if (chosen.length === 0)
    throw new GatewayError(
      "invalid_request",
      `There is no tool named '${choice.function.name}' in \`tools\`.`,
      {
        param: "tool_choice.function.name",
      },
    );
  return { tools: chosen, toolChoice: "required" };
}

function checkFreeForm(call: ChatRequest): void {
  call.tools?.forEach((tool, index) => {
    checkSchema(tool.function.parameters, `tools[${index}].function.parameters`);
  });
  if (call.response_format?.type === "json_schema")
    checkSchema(call.response_format.json_schema.schema, "response_format.json_schema.schema");
}
