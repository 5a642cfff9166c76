/**
 * What images and sounds of a chat come to in tokens. llama-server only counts the prompt as a whole, so it is asked how
 * many tokens the same chat has without them, while it answers: half a millisecond, as nothing is computed.
 */
import { z } from "zod";
import type { Engine } from "../../slots/types.ts";
import type { MediaCount } from "../usage.ts";
import { type ChatMessage, type ChatRequest, hasPart } from "./request.ts";

/** With images in it the question takes as long as they take to be scaled. */
const answerMs = 3_000;
const counted = z.object({ input_tokens: z.number().int().nonnegative() });

/**
 * Where a chat has both, a second question leaves the sounds alone out: what it adds to the text are the images.
 * @param bodyOf the body that the engine gets for a chat
 * @returns resolves with null where the engine does not tell, never rejects; undefined where there is nothing to count
 */
export function countMedia(
  call: ChatRequest,
  engine: Engine,
  bodyOf: (call: ChatRequest) => string,
): Promise<MediaCount | null> | undefined {
  if (engine.kind !== "llama-server") return undefined;
  const hasImages = hasPart(call, "image_url");
  const hasSounds = hasPart(call, "input_audio");
  if (!hasImages && !hasSounds) return undefined;
  const text = ask(engine, bodyOf(without(call, ["image_url", "input_audio"])));
  const soundless = hasImages && hasSounds ? ask(engine, bodyOf(without(call, ["input_audio"]))) : null;
  return Promise.all([text, soundless]).then(
    ([textTokens, soundlessTokens]) => ({ textTokens, soundlessTokens, hasSounds }),
    () => null,
  );
}

async function ask({ pool, pathPrefix, headers }: Engine, body: string): Promise<number> {
  const path = `${pathPrefix}/chat/completions/input_tokens`;
  const signal = AbortSignal.timeout(answerMs);
  // On a connection of its own, as a kept one would hold one of the engine's few threads.
  const answer = await pool.request({ method: "POST", path, headers, body, signal, reset: true });
  return counted.parse(await answer.body.json()).input_tokens;
}

type UserPart = Exclude<Extract<ChatMessage, { role: "user" }>["content"], string>[number];

function without(call: ChatRequest, types: readonly string[]): ChatRequest {
  const messages = call.messages.map((message): ChatMessage => {
    if (message.role !== "user" || typeof message.content === "string") return message;
    const content = remaining(message.content, types);
    return { ...message, content: content.length > 0 ? content : "" };
  });
  return { ...call, messages };
}

/** Texts around what is left out become one: llama-server puts a line's end between two texts, but none beside a medium. */
function remaining(parts: readonly UserPart[], types: readonly string[]): UserPart[] {
  const content: UserPart[] = [];
  let isGap = false;
  for (const part of parts) {
    const last = content.at(-1);
    if (types.includes(part.type)) isGap = true;
    else if (isGap && part.type === "text" && last?.type === "text")
      content[content.length - 1] = { ...last, text: last.text + part.text };
    else content.push(part);
    isGap &&= types.includes(part.type);
  }
  return content;
}
