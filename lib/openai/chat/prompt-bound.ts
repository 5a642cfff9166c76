/** More tokens than a chat's prompt can have: what is held for it until the engine has counted. */
import type { ChatRequest } from "./request.ts";

/** What a chat template puts around a message, and around the whole: some bring a system prompt of their own. */
const tokensPerMessage = 64;
const tokensPerChat = 512;
/** The most that a model in use takes for one image (Qwen2.5-VL's limit), and for one sound (half an hour at 25 a second). */
export const tokensPerImage = 16_384;
const tokensPerSound = 45_000;

/** No token of text has less than a byte, and JSON only makes text longer; base64 is no text. */
export function chatPromptBound(call: ChatRequest, bodyBytes: number): number {
  let tokens = tokensPerChat + bodyBytes + call.messages.length * tokensPerMessage;
  for (const { content } of call.messages) {
    if (!Array.isArray(content)) continue;
    for (const part of content) {
      if (part.type === "image_url") tokens += tokensPerImage - part.image_url.url.length;
      if (part.type === "input_audio") tokens += tokensPerSound - part.input_audio.data.length;
    }
  }
  return tokens;
}
