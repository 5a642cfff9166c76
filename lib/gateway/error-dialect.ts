/** How an API writes its errors: OpenAI's and Anthropic's clients each look for their own. */
import { errorBody, type GatewayError } from "../errors.ts";

export interface ErrorDialect {
  /** The body of an answer. */
  body(error: GatewayError): object;
  /** The event that ends a stream which fails after its status. */
  event(error: GatewayError): string;
}

export const openaiErrors: ErrorDialect = {
  body: errorBody,
  event: (error) => `data: ${JSON.stringify(errorBody(error))}\n\n`,
};
