/** `POST /v1/messages/count_tokens`: nothing is generated, and nothing charged. */
import { CountTokensReader, countTokensUpstream } from "../../anthropic/count-tokens.ts";
import { anthropicErrors } from "../../anthropic/errors.ts";
import { countTokensRequest } from "../../anthropic/request.ts";
import { type MessagesCall, messagesCall } from "../../anthropic/to-chat.ts";
import { chatMedia } from "../../openai/chat/request.ts";
import type { JsonEndpoint } from "../endpoint.ts";
import { hasSenses, prepareMedia } from "../prepare-media.ts";
import { chatCompletions } from "./chat-completions.ts";

export const countTokens: JsonEndpoint<MessagesCall> = {
  name: "messages.count_tokens",
  schema: countTokensRequest.transform(messagesCall),
  errors: anthropicErrors,
  needs: ({ chat }) => chatCompletions.needs(chat),
  outputTokens: () => 0,
  promptTokens: () => 0,
  prepare: ({ chat, imagePaths }, grant, departure) =>
    hasSenses(grant) ? prepareMedia(chatMedia(chat), () => imagePaths, departure) : undefined,
  upstream: countTokensUpstream,
  streamReader: null,
  wholeReader: (call, _grant, engine) => new CountTokensReader(call, engine),
};
