/** What engines say when they refuse, in our words and with OpenAI's statuses. */
import { z } from "zod";
import { GatewayError } from "../errors.ts";

const engineError = z.object({
  error: z.union([
    z.string(),
    z.looseObject({
      message: z.string().catch(""),
      type: z.string().nullish().catch(null),
      code: z.unknown().optional(),
      n_prompt_tokens: z.number().nullish().catch(null),
      n_ctx: z.number().nullish().catch(null),
    }),
  ]),
});

/**
 * llama-server answers 500 where the client's input is at fault (its `server-common.cpp` and chat templates). Of a remote
 * nobody knows whom such words are about.
 */
const clientFaults =
  /failed to parse|unable to (generate|parse)|not supported|invalid|unsupported|missing|must be|expected|failed to (load|decode)|jinja|template|json schema|grammar/i;

/** What an encoder of llama-server says of an input that it cannot read in one piece. */
const tooLongAtOnce = /^input \((\d+) tokens\) is too large to process.* batch size: (\d+)\)/;

/** As in "Field 'n': Value must be between 1 <= value <= 4". */
const namedField = /^Field '(\w+)'/;

const maxMessageLength = 500;

/** The statuses that speak of the client's request. In any other 4xx a remote speaks to the operator who pays for it. */
const requestStatuses = [400, 413, 422];

/**
 * The error for an engine's refusal.
 * @param status of the engine's answer
 * @param body of the engine's answer, as far as it was read
 * @param isLlamaServer whether it is llama-server: then some of its 500s are the client's fault
 * @param input the field of the request that the model reads
 */
export function engineRefusal(
  status: number,
  body: string,
  isLlamaServer: boolean,
  input = "messages",
): GatewayError {
  const found = readError(body);
  const message = publicMessage(found.message);
  if (found.type === "exceed_context_size_error")
    return contextExceeded(found.promptTokens, found.contextTokens, message, input);
  const tooLong = isLlamaServer ? tooLongAtOnce.exec(message) : null;
  if (tooLong)
    return new GatewayError(
      "context_length_exceeded",
      `This model reads at most ${tooLong[2]} tokens at once, but \`${input}\` comes to ${tooLong[1]}. Shorten it, or ask the operator for a larger context.`,
      { param: input },
    );
  // What an engine says of keys, accounts and addresses concerns its operator, and may quote them: only the status is kept.
  const cause = `The engine answered with status ${status}.`;
  if (status === 503)
    return new GatewayError("engine_unavailable", "The model is not ready yet. Try again shortly.", {
      retryAfterS: 2,
      cause,
    });
  if (status === 429)
    return new GatewayError("queue_full", "The engine behind this model takes no more requests now.", {
      retryAfterS: 5,
      cause,
    });
  const isRequestAtFault = status >= 500 && isLlamaServer && clientFaults.test(message);
  if (requestStatuses.includes(status) || isRequestAtFault) {
    const param = isLlamaServer ? namedField.exec(message)?.[1] : undefined;
    return new GatewayError("invalid_request", message || "The model cannot process this request.", {
      param,
    });
  }
  if (status >= 400 && status < 500)
    return new GatewayError(
      "engine_unavailable",
      "The engine behind this model did not accept the gateway's request. Ask the operator to check the slot.",
      { cause },
    );
  return failed(`${cause} ${message}`);
}

/** The error in an event of a stream, or null when the event carries none. */
export function engineStreamError(data: string): GatewayError | null {
  return readError(data).isError ? engineStreamFailure(data) : null;
}

/**
 * The error for an event that tells of one, whatever its data. Whose stream it is, its reader does not know: an error is
 * taken for llama-server's where it looks like one, `{"code": 500, "type": "server_error"}`. Other servers write another
 * type (vLLM), or a code that is a word (OpenAI).
 */
export function engineStreamFailure(data: string, input?: string): GatewayError {
  const { isError, code, type } = readError(data);
  if (isError) return engineRefusal(500, data, code === 500 && type === "server_error", input);
  return failed(`The engine told of an error: ${publicMessage(data)}`);
}

function failed(cause: string): GatewayError {
  return new GatewayError("engine_crashed", "The engine behind this model failed on this request.", {
    cause,
  });
}

function contextExceeded(
  promptTokens: number | null,
  contextTokens: number | null,
  message: string,
  input: string,
): GatewayError {
  const text =
    promptTokens !== null && contextTokens !== null
      ? `This model's context length is ${contextTokens} tokens, but \`${input}\` comes to ${promptTokens}. Shorten it, or ask the operator for a larger context.`
      : message;
  return new GatewayError("context_length_exceeded", text, { param: input });
}

interface FoundError {
  isError: boolean;
  message: string;
  type: string | null;
  code: unknown;
  promptTokens: number | null;
  contextTokens: number | null;
}

function readError(body: string): FoundError {
  const none: FoundError = {
    isError: false,
    message: "",
    type: null,
    code: null,
    promptTokens: null,
    contextTokens: null,
  };
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
    code: error.code,
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
