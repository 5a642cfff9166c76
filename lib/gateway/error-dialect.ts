/** How an API writes its errors: OpenAI's and Anthropic's clients each look for their own. */
import { anthropicErrors } from "../anthropic/errors.ts";
import { errorBody, type GatewayError } from "../errors.ts";

export interface ErrorDialect {
  /** Where its clients look for the request's id, besides `x-request-id`. */
  requestIdHeader?: string;
  /** The body of an answer. */
  body(error: GatewayError, requestId: string): object;
  /**
   * The event that ends a stream which fails after its status.
   * @param eventsSent how many its reader sent before, where that counts them
   */
  event(error: GatewayError, requestId: string, eventsSent?: number): string;
}

export const openaiErrors: ErrorDialect = {
  body: errorBody,
  event: (error) => `data: ${JSON.stringify(errorBody(error))}\n\n`,
};

/** The dialect of whoever asks for this path, for refusals that come before any endpoint. */
export function errorsAt(path: string): ErrorDialect {
  return /^\/v1\/messages(?:[/?]|$)/.test(path) ? anthropicErrors : openaiErrors;
}
