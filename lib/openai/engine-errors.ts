/** What engines say when they refuse, in our words and with OpenAI's statuses. */
import { z } from "zod";
import { GatewayError } from "../errors.ts";

const engineError = z.object({
  error: z.union([
    z.string(),
    z.looseObject({
      message: z.string().catch(""),
      type: z.string().nullish().catch(null),
      n_prompt_tokens: z.number().nullish().catch(null),
      n_ctx: z.number().nullish().catch(null),
    }),
  ]),
});

/** llama-server answers 500 where the client's input is at fault (its `server-common.cpp` and chat templates). */
const clientFaults =
  /failed to parse|unable to (generate|parse)|not supported|invalid|unsupported|missing|must be|too large to process|expected|failed to (load|decode)|jinja|template|json schema|grammar/i;

const maxMessageLength = 500;

/**
 * The error for an engine's refusal.
 * @param status of the engine's answer
 * @param body of the engine's answer, as far as it was read
 */
export function engineRefusal(status: number, body: string): GatewayError {
  const found = readError(body);
  const message = publicMessage(found.message);
  if (found.type === "exceed_context_size_error")
    return contextExceeded(found.promptTokens, found.contextTokens, message);
  // What an engine says of keys and addresses concerns its operator, and may quote them: only the status is kept.
  const cause = `The engine answered with status ${status}.`;
  if (status === 503)
    return new GatewayError("engine_unavailable", "The model is not ready yet. Try again shortly.", {
      retryAfterS: 2,
      cause,
    });
  if ([401, 403, 404, 405].includes(status))
    return new GatewayError(
      "engine_unavailable",
      "The engine behind this model did not accept the gateway's request. Ask the operator to check the slot.",
      { cause },
    );
  if (status === 429)
    return new GatewayError("queue_full", "The engine behind this model takes no more requests now.", {
      retryAfterS: 5,
      cause,
    });
  if ((status >= 400 && status < 500) || clientFaults.test(message))
    return new GatewayError("invalid_request", message || "The model cannot process this request.");
  return new GatewayError("engine_crashed", "The engine behind this model failed on this request.", {
    cause: `${cause} ${message}`,
  });
}

/** The error in an event of a stream, or null when the event carries none. */
export function engineStreamError(data: string): GatewayError | null {
  const found = readError(data);
  if (!found.isError) return null;
  return engineRefusal(500, data);
}

function contextExceeded(
  promptTokens: number | null,
  contextTokens: number | null,
  message: string,
): GatewayError {
  const text =
    promptTokens !== null && contextTokens !== null
      ? `This model's context length is ${contextTokens} tokens, but the messages come to ${promptTokens}. Shorten them, or ask the operator for a larger context.`
      : message;
  return new GatewayError("context_length_exceeded", text, { param: "messages" });
}

interface FoundError {
  isError: boolean;
  message: string;
  type: string | null;
  promptTokens: number | null;
  contextTokens: number | null;
}

function readError(body: string): FoundError {
  const none = { isError: false, message: "", type: null, promptTokens: null, contextTokens: null };
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return none;
  }
  const parsed = engineError.safeParse(json);
  if (!parsed.success) return none;
  const { error } = parsed.data;
  if (typeof error === "string") return { ...none, isError: true, message: error };
  return {
    isError: true,
    message: error.message,
    type: error.type ?? null,
    promptTokens: error.n_prompt_tokens ?? null,
    contextTokens: error.n_ctx ?? null,
  };
}

/** An engine's message without file paths and echoed input: short enough to read, and nothing of the machine in it. */
function publicMessage(message: string): string {
  const line = message.split("\n", 1)[0] ?? "";
  const withoutPaths = line.replace(/(?:[A-Za-z]:)?(?:\/[\w.@+-]+){2,}\/?/g, "(path)");
  return withoutPaths.slice(0, maxMessageLength);
}
