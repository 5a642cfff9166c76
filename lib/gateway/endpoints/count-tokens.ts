/** `POST /v1/messages/count_tokens`: nothing is generated, and nothing charged. */
import { CountTokensReader, countTokensUpstream } from "../../anthropic/count-tokens.ts";
import { anthropicErrors } from "../../anthropic/errors.ts";
import { countTokensRequest } from "../../anthropic/request.ts";
import { type MessagesCall, messagesCall } from "../../anthropic/to-chat.ts";
import type { Endpoint } from "../endpoint.ts";
import { chatCompletions } from "./chat-completions.ts";

export const countTokens: Endpoint<MessagesCall> = {
  name: "messages.count_tokens",
  schema: countTokensRequest.transform(messagesCall),
  errors: anthropicErrors,
  needs: ({ chat }) => chatCompletions.needs(chat),
  outputTokens: () => 0,
  promptTokens: () => 0,
  upstream: countTokensUpstream,
  streamReader: null,
  wholeReader: (call, _grant, engine) => new CountTokensReader(call, engine),
};
