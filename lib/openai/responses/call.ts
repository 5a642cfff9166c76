/** A checked request, and the chat that an engine is asked for in its place. */
import type { z } from "zod";
import type { BaseCall } from "../../gateway/endpoint.ts";
import type { ChatRequest } from "../chat/request.ts";
import { type ResponsesRequest, responsesRequest } from "./request.ts";
import { toChat } from "./to-chat.ts";

export interface ResponsesCall extends BaseCall {
  request: ResponsesRequest;
  chat: ChatRequest;
}

export const responsesCall: z.ZodType<ResponsesCall> = responsesRequest.transform((request, { issues }) => {
  const chat = toChat(request);
  if (chat.messages.length === 0)
    issues.push({ code: "custom", message: "must hold a message", path: ["input"], input: request.input });
  return { model: request.model, stream: request.stream, request, chat };
});
