/** What a chat probably cost, for engines that give no counts: such rows are marked `estimated`. */
import type { Usage } from "../usage.ts";
import type { ChatRequest } from "./request.ts";

/** Rough length of a token of English text; only estimates rest on it. */
const bytesPerToken = 4;
const tokensPerMessage = 4;

/** Usage of a chat whose engine wrote `writtenTokens` and reported nothing. */
export function estimateChatUsage(call: ChatRequest, writtenTokens: number): Usage {
  const textBytes = Buffer.byteLength(JSON.stringify(call.messages));
  return {
    promptTokens: Math.ceil(textBytes / bytesPerToken) + call.messages.length * tokensPerMessage,
    cachedTokens: 0,
    completionTokens: writtenTokens,
    estimated: true,
  };
}
