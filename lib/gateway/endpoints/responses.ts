/** `POST /v1/responses`: asked of engines as the chat that it amounts to, so that any engine will do. */
import { chatPromptBound } from "../../openai/chat/prompt-bound.ts";
import { chatMedia } from "../../openai/chat/request.ts";
import { chatUpstream } from "../../openai/chat/upstream.ts";
import { type ResponsesCall, responsesCall } from "../../openai/responses/call.ts";
import { responsesErrors } from "../../openai/responses/errors.ts";
import { inputMediaPaths } from "../../openai/responses/items.ts";
import { ResponsesStreamReader } from "../../openai/responses/stream.ts";
import { ResponsesPlainReader, ResponsesWholeReader } from "../../openai/responses/whole.ts";
import type { JsonEndpoint } from "../endpoint.ts";
import { hasSenses, prepareMedia } from "../prepare-media.ts";
import { chatCompletions } from "./chat-completions.ts";

export const responses: JsonEndpoint<ResponsesCall> = {
  name: "responses",
  schema: responsesCall,
  errors: responsesErrors,
  needs: ({ chat }) => chatCompletions.needs(chat),
  outputTokens: ({ request }) => request.max_output_tokens ?? null,
  promptTokens: ({ chat }, bodyBytes) => chatPromptBound(chat, bodyBytes),
  prepare: ({ chat, request }, grant, departure) =>
    hasSenses(grant)
      ? prepareMedia(chatMedia(chat), () => inputMediaPaths(request.input), departure)
      : undefined,
  upstream: ({ chat }, grant, engine) => ({ ...chatUpstream(chat, grant, engine), input: "input" }),
  countMedia: ({ chat }, grant, engine) => chatCompletions.countMedia?.(chat, grant, engine),
  streamReader: (call, { model }) => new ResponsesStreamReader(call, model.id),
  wholeReader: (call, { model }, engine) =>
    engine.alwaysStream ? new ResponsesWholeReader(call, model.id) : new ResponsesPlainReader(call, model.id),
};
