/** How the Responses API writes errors. */
import { errorBody, type GatewayError } from "../../errors.ts";
import type { ErrorDialect } from "../../gateway/error-dialect.ts";

/** Where the parameters of the chat that was asked for in its place stand in the client's own request. */
const chatPaths: readonly [RegExp, string][] = [
  [/^(tools\[\d+\])\.function\b/, "$1"],
  [/^tool_choice\.function\b/, "tool_choice"],
  [/^response_format\.json_schema\b/, "text.format"],
  [/^logprobs$/, "include"],
];

export const responsesErrors: ErrorDialect = {
  body,
  /**
   * OpenAI documents a flat event, sends one with an `error` in it (openai-dotnet#881), and its SDKs raise an exception
   * for that one alone: so this has the members of both.
   */
  event(error, _requestId, eventsSent = 0) {
    const { error: told } = body(error);
    const { code, message, param } = told;
    const data = { type: "error", code, message, param, sequence_number: eventsSent, error: told };
    return `event: error\ndata: ${JSON.stringify(data)}\n\n`;
  },
};

function body(failure: GatewayError) {
  const { error } = errorBody(failure);
  return { error: { ...error, param: error.param && ownPath(error.param) } };
}

function ownPath(param: string): string {
  const [pattern, replacement] = chatPaths.find(([known]) => known.test(param)) ?? [];
  return pattern && replacement !== undefined ? param.replace(pattern, replacement) : param;
}
