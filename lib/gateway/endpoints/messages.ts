/** `POST /v1/messages`, as Anthropic's clients send it. */
import { anthropicErrors } from "../../anthropic/errors.ts";
import { MessagesPlainReader } from "../../anthropic/plain.ts";
import { messagesRequest } from "../../anthropic/request.ts";
import { MessagesStreamReader } from "../../anthropic/stream.ts";
import { type MessagesCall, messagesCall } from "../../anthropic/to-chat.ts";
import { messagesUpstream } from "../../anthropic/upstream.ts";
import { MessagesWholeReader } from "../../anthropic/whole.ts";
import { countMedia } from "../../openai/chat/media-count.ts";
import { chatMedia } from "../../openai/chat/request.ts";
import type { JsonEndpoint } from "../endpoint.ts";
import { hasSenses, prepareMedia } from "../prepare-media.ts";
import { chatCompletions } from "./chat-completions.ts";

export const messages: JsonEndpoint<MessagesCall> = {
  name: "messages",
  schema: messagesRequest.transform(messagesCall),
  errors: anthropicErrors,
  needs: ({ chat }) => chatCompletions.needs(chat),
  outputTokens: ({ chat }) => chatCompletions.outputTokens(chat),
  promptTokens: ({ chat }, bodyBytes) => chatCompletions.promptTokens(chat, bodyBytes),
  prepare: ({ chat, imagePaths }, grant, departure) =>
    hasSenses(grant) ? prepareMedia(chatMedia(chat), () => imagePaths, departure) : undefined,
  upstream: messagesUpstream,
  countMedia: (call, grant, engine) =>
    hasSenses(grant)
      ? countMedia(call.chat, engine, (chat) => messagesUpstream({ ...call, chat }, grant, engine).body)
      : undefined,
  streamReader: (call, { model }) => new MessagesStreamReader(call, model.id),
  wholeReader: (call, { model }, engine) =>
    engine.alwaysStream ? new MessagesWholeReader(call, model.id) : new MessagesPlainReader(call, model.id),
};
