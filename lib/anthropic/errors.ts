/** Errors as Anthropic's clients read them. */
import type { GatewayError } from "../errors.ts";
import type { ErrorDialect } from "../gateway/error-dialect.ts";

const types: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  502: "api_error",
  503: "overloaded_error",
  504: "timeout_error",
};

/** Where the parameters of the chat that is asked of the engine stand in the client's own request. */
const chatPaths: readonly [RegExp, string][] = [
  [/^(tools\[\d+\])\.function\.parameters$/, "$1.input_schema"],
  [/^tool_choice\.function\b/, "tool_choice"],
  [/^response_format\.json_schema\b/, "output_config.format"],
];

export const anthropicErrors: ErrorDialect = {
  requestIdHeader: "request-id",
  body,
  event: (error, requestId) => `event: error\ndata: ${JSON.stringify(body(error, requestId))}\n\n`,
};

function body(error: GatewayError, requestId: string): object {
  const type = types[error.status] ?? "invalid_request_error";
  return { type: "error", error: { type, message: messageOf(error) }, request_id: requestId };
}

/**
 * There is no member for the field that is wrong, so it is named as Anthropic does, before the message. Clients that
 * shorten a talk by themselves look for the first words of Anthropic's refusal.
 */
function messageOf({ code, message, options: { param } }: GatewayError): string {
  if (code === "context_length_exceeded") return `prompt is too long: ${message}`;
  return param && !message.includes(`\`${param}\``) ? `${ownPath(param)}: ${message}` : message;
}

function ownPath(param: string): string {
  return chatPaths.reduce((path, [pattern, own]) => path.replace(pattern, own), param);
}
