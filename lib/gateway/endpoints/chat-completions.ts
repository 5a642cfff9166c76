/** `POST /v1/chat/completions`. */

import { countMedia } from "../../openai/chat/media-count.ts";
import { ChatPlainReader } from "../../openai/chat/plain.ts";
import { chatPromptBound } from "../../openai/chat/prompt-bound.ts";
import {
  type ChatRequest,
  chatMedia,
  chatMediaPaths,
  chatRequest,
  hasPart,
} from "../../openai/chat/request.ts";
import { ChatStreamReader } from "../../openai/chat/stream.ts";
import { chatUpstream } from "../../openai/chat/upstream.ts";
import { ChatWholeReader } from "../../openai/chat/whole.ts";
import type { Capability } from "../../slots/types.ts";
import type { JsonEndpoint } from "../endpoint.ts";
import { hasSenses, prepareMedia } from "../prepare-media.ts";

const textOnly: readonly Capability[] = ["text"];

export const chatCompletions: JsonEndpoint<ChatRequest> = {
  name: "chat.completions",
  schema: chatRequest,
  needs(call) {
    const hasImage = hasPart(call, "image_url");
    const hasAudio = hasPart(call, "input_audio");
    if (!hasImage && !hasAudio) return textOnly;
    return [...textOnly, ...(hasImage ? ["image" as const] : []), ...(hasAudio ? ["audio" as const] : [])];
  },
  outputTokens: (call) => call.max_completion_tokens ?? call.max_tokens ?? null,
  choices: (call) => call.n ?? 1,
  promptTokens: chatPromptBound,
  prepare: (call, grant, departure) =>
    hasSenses(grant) ? prepareMedia(chatMedia(call), () => chatMediaPaths(call), departure) : undefined,
  upstream: chatUpstream,
  countMedia: (call, grant, engine) =>
    hasSenses(grant) ? countMedia(call, engine, (chat) => chatUpstream(chat, grant, engine).body) : undefined,
  streamReader: (call, { model }) => new ChatStreamReader(call, model.id),
  wholeReader: (call, { model }, engine) =>
    engine.alwaysStream ? new ChatWholeReader(call) : new ChatPlainReader(call, model.id),
};
