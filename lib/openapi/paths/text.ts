/** The endpoints of `/v1` that write text. */
import { chatNotes, completionNotes } from "../../compatibility/chat.ts";
import { messagesNotes, responsesNotes } from "../../compatibility/others.ts";
import { chatCompletions } from "../../gateway/endpoints/chat-completions.ts";
import { completions } from "../../gateway/endpoints/completions.ts";
import { countTokens } from "../../gateway/endpoints/count-tokens.ts";
import { messages } from "../../gateway/endpoints/messages.ts";
import { responses } from "../../gateway/endpoints/responses.ts";
import { chatCompletionAnswer, chatCompletionChunk } from "../answers/chat.ts";
import { completionAnswer, completionChunk } from "../answers/completion.ts";
import { openaiErrorAnswer } from "../answers/errors.ts";
import { messageAnswer, messageEvent, tokenCountAnswer } from "../answers/message.ts";
import { responseAnswer } from "../answers/response.ts";
import { responseEvent } from "../answers/response-events.ts";
import type { Operation } from "../operation.ts";
import { anyLookUp, modelCall, modelRefusals } from "./v1.ts";

const done = {
  description:
    "Each event holds a chunk; the last one says `[DONE]`. Lines that begin with a colon are comments. A failure after the status is an event with the error, and then the end without `[DONE]`.",
  end: "[DONE]",
};
const named =
  "Each event has the name of its type. Lines that begin with a colon are comments. A failure after the status is an event `error`, and then the end.";

const refusal = { name: "Error", schema: openaiErrorAnswer };

const message = [{ role: "user", content: "Why is the sea salty?" }];

export const textOperations: readonly Operation[] = [
  {
    ...modelCall,
    path: "/v1/chat/completions",
    id: "createChatCompletion",
    group: "Text",
    summary: "Answer a chat",
    description: "The model writes the next message of a talk, in one piece or as a stream.",
    body: {
      name: "ChatCompletionRequest",
      schema: chatCompletions.schema,
      notes: chatNotes.parameters,
      example: { model: "auto", messages: message, max_tokens: 64 },
    },
    answers: [
      {
        status: 200,
        description: "The answer",
        schema: { name: "ChatCompletion", schema: chatCompletionAnswer },
        events: { ...done, data: [{ name: "ChatCompletionChunk", schema: chatCompletionChunk }, refusal] },
      },
    ],
  },
  {
    ...modelCall,
    path: "/v1/completions",
    id: "createCompletion",
    group: "Text",
    summary: "Go on with a text",
    description: "The model goes on with one text or several; OpenAI calls this API legacy.",
    body: {
      name: "CompletionRequest",
      schema: completions.schema,
      notes: completionNotes.parameters,
      example: { model: "auto", prompt: "The sea is salty because", max_tokens: 32 },
    },
    answers: [
      {
        status: 200,
        description: "The texts",
        schema: { name: "Completion", schema: completionAnswer },
        events: { ...done, data: [{ name: "CompletionChunk", schema: completionChunk }, refusal] },
      },
    ],
  },
  {
    ...modelCall,
    path: "/v1/responses",
    id: "createResponse",
    group: "Text",
    summary: "Answer, in OpenAI's newer API",
    description: "As a chat. No answer is kept, so each request brings all of the talk.",
    body: {
      name: "ResponseRequest",
      schema: responses.schema,
      notes: responsesNotes.parameters,
      example: { model: "auto", input: "Why is the sea salty?", max_output_tokens: 64 },
    },
    answers: [
      {
        status: 200,
        description: "The response",
        schema: { name: "Response", schema: responseAnswer },
        events: { description: named, data: [{ name: "ResponseEvent", schema: responseEvent }] },
      },
    ],
  },
  ...(["get", "delete"] as const).map((method) => ({
    ...anyLookUp,
    method,
    path: "/v1/responses/{id}",
    id: `${method}Response`,
    group: "Text" as const,
    summary: method === "get" ? "Look up a response" : "Delete a response",
    description: "Always 404, as no answer is kept.",
    answers: [],
    refusals: [...anyLookUp.refusals, 404],
  })),
  {
    ...modelCall,
    path: "/v1/messages",
    id: "createMessage",
    group: "Text",
    summary: "Answer, in Anthropic's API",
    description: "The model writes the next message of a talk, for clients made for Anthropic.",
    dialect: "anthropic",
    body: {
      name: "MessageRequest",
      schema: messages.schema,
      notes: messagesNotes.parameters,
      example: { model: "auto", messages: message, max_tokens: 64 },
    },
    answers: [
      {
        status: 200,
        description: "The message",
        schema: { name: "Message", schema: messageAnswer },
        events: { description: named, data: [{ name: "MessageEvent", schema: messageEvent }] },
      },
    ],
  },
  {
    ...modelCall,
    path: "/v1/messages/count_tokens",
    id: "countMessageTokens",
    group: "Text",
    summary: "Count a message's tokens",
    description: "How many tokens the prompt of such a message has; nothing is written, and nothing charged.",
    dialect: "anthropic",
    body: {
      name: "TokenCountRequest",
      schema: countTokens.schema,
      example: { model: "auto", messages: message },
    },
    answers: [
      { status: 200, description: "The count", schema: { name: "TokenCount", schema: tokenCountAnswer } },
    ],
    refusals: modelRefusals,
  },
];
