/** What a chat probably cost, for engines that give no counts: such rows are marked `estimated`. */
import type { Usage } from "../usage.ts";
import type { ChatRequest } from "./request.ts";

/** Rough length of a token of English text; only estimates rest on it. */
const bytesPerToken = 4;
const tokensPerMessage = 4;

/*
 * What a medium costs depends on the model, and hardly on how many bytes it has in base64.
 * An image: 765 is what OpenAI counts for 1024 x 1024 pixels; LLaVA takes 576 and Gemma 3 takes 256 for any image, models
 * that cut large ones into tiles up to some thousands. With `detail: "low"` OpenAI counts 85 for any.
 * Audio: half a minute at the 25 tokens a second of Qwen2-Audio; OpenAI takes 10 a second, Gemini 32.
 */
export const tokensPerImage = 765;
const tokensPerSmallImage = 85;
const tokensPerAudio = 750;

/** Usage of a chat whose engine wrote `writtenTokens` and reported nothing. */
export function estimateChatUsage(call: ChatRequest, writtenTokens: number): Usage {
  const textBytes =
    Buffer.byteLength(JSON.stringify(call.messages, withoutMedia)) +
    (call.tools ? Buffer.byteLength(JSON.stringify(call.tools)) : 0);
  return {
    promptTokens:
      Math.ceil(textBytes / bytesPerToken) + call.messages.length * tokensPerMessage + mediaTokens(call),
    cachedTokens: 0,
    completionTokens: writtenTokens,
    estimated: true,
  };
}

/** Tokens of the answers that came in one piece: of what a model wrote, without what stands around it. */
export function estimateWrittenTokens(choices: unknown): number {
  const written: string[] = [];
  JSON.stringify(choices, (key, value: unknown) => {
    if (typeof value === "string" && writtenKeys.has(key)) written.push(value);
    return value;
  });
  return Math.ceil(Buffer.byteLength(written.join("")) / bytesPerToken);
}

const writtenKeys = new Set(["content", "reasoning", "reasoning_content", "refusal", "name", "arguments"]);

/** Leaves out what only parts with a medium have: its `data:` URL or its base64. */
function withoutMedia(key: string, value: unknown): unknown {
  return key === "image_url" || key === "input_audio" ? undefined : value;
}

function mediaTokens(call: ChatRequest): number {
  let tokens = 0;
  for (const { content } of call.messages) {
    if (!Array.isArray(content)) continue;
    for (const part of content) {
      if (part.type === "input_audio") tokens += tokensPerAudio;
      if (part.type === "image_url")
        tokens += part.image_url.detail === "low" ? tokensPerSmallImage : tokensPerImage;
    }
  }
  return tokens;
}
