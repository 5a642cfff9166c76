/** What an answer of `/v1/messages` says. */
import { type AnswerReader, type Json, listIn, numberIn, objectIn, textIn } from "./answer.ts";

export const messagesAnswers: AnswerReader = {
  whole(message) {
    return messageOf(message);
  },
  stream(events) {
    const message: Json = {};
    const blocks: Json[] = [];
    for (const data of events) {
      if (data.type === "message_start") Object.assign(message, objectIn(data.message));
      if (data.type === "content_block_start") blocks[numberIn(data.index)] = objectIn(data.content_block);
      if (data.type === "content_block_delta")
        addDelta(objectIn(blocks[numberIn(data.index)]), objectIn(data.delta));
      if (data.type !== "message_delta") continue;
      Object.assign(message, objectIn(data.delta));
      message.usage = { ...objectIn(message.usage), ...objectIn(data.usage) };
    }
    return messageOf({ ...message, content: blocks });
  },
};

function addDelta(block: Json, { type, text, thinking, partial_json: json }: Json): void {
  if (type === "text_delta") block.text = textIn(block.text) + textIn(text);
  if (type === "thinking_delta") block.thinking = textIn(block.thinking) + textIn(thinking);
  if (type === "input_json_delta") block.json = textIn(block.json) + textIn(json);
}

function messageOf({
  id,
  model,
  role,
  content,
  stop_reason: stop,
  stop_sequence: sequence,
  usage,
}: Json): object {
  const counts = objectIn(usage);
  const cached = numberIn(counts.cache_read_input_tokens) + numberIn(counts.cache_creation_input_tokens);
  return {
    idStem: /^[a-z]+/.exec(textIn(id))?.[0] ?? "",
    model,
    role,
    blocks: listIn(content).map(blockOf),
    stop,
    sequence,
    usage: { prompt: numberIn(counts.input_tokens) + cached, completion: numberIn(counts.output_tokens) },
  };
}

function blockOf({ type, text, thinking, id, name, input, json }: Json): object {
  if (type === "text") return { type, text };
  if (type === "thinking") return { type, thinking };
  return { type, hasId: textIn(id) !== "", name, input: typeof json === "string" ? parsed(json) : input };
}

/** A call that was cut is no JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
