/** The messages of a request in Anthropic's words, as those of a chat. */
import type { ChatMessage } from "../openai/chat/request.ts";
import type { AssistantBlock, TextBlock, UserBlock } from "./blocks.ts";
import type { Message } from "./request.ts";

type UserParts = Exclude<Extract<ChatMessage, { role: "user" }>["content"], string>;
type ToolCalls = NonNullable<Extract<ChatMessage, { role: "assistant" }>["tool_calls"]>;

/** Messages that follow each other in one role are one turn, as Anthropic has it and many chat templates demand. */
type Turn =
  | { role: "user"; blocks: UserBlock[] }
  | { role: "assistant"; blocks: AssistantBlock[] }
  | { role: "system"; blocks: TextBlock[] };

/** @param system what stands before all messages; nothing where it is empty */
export function chatMessages(
  system: string | readonly TextBlock[],
  messages: readonly Message[],
): ChatMessage[] {
  const text = typeof system === "string" ? system : lines(system);
  const first: ChatMessage[] = text === "" ? [] : [{ role: "system", content: text }];
  return [...first, ...turnsOf(messages).flatMap(turnMessages)];
}

function turnsOf(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (message.role === "user") {
      const blocks = blocksOf(message.content);
      if (last?.role === "user") last.blocks.push(...blocks);
      else turns.push({ role: "user", blocks });
    } else if (message.role === "assistant") {
      const blocks = blocksOf(message.content);
      if (last?.role === "assistant") last.blocks.push(...blocks);
      else turns.push({ role: "assistant", blocks });
    } else turns.push({ role: "system", blocks: blocksOf(message.content) });
  }
  return turns;
}

function blocksOf<Block>(content: string | readonly Block[]): (Block | TextBlock)[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : [...content];
}

function turnMessages(turn: Turn): ChatMessage[] {
  switch (turn.role) {
    case "user":
      return userMessages(turn.blocks);
    case "assistant":
      return [assistantMessage(turn.blocks)];
    default:
      return [{ role: "system", content: lines(turn.blocks) }];
  }
}

/**
 * What tools answered comes first, each in a message of its own. Such a message holds text alone: images of an answer
 * follow in the user's own message.
 */
function userMessages(blocks: readonly UserBlock[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  const parts: UserParts = [];
  for (const block of blocks) {
    if (block.type !== "tool_result") {
      parts.push(userPart(block));
      continue;
    }
    const content = blocksOf(block.content ?? "");
    messages.push({ role: "tool", tool_call_id: block.tool_use_id, content: lines(content.filter(isText)) });
    for (const part of content) if (part.type === "image") parts.push(userPart(part));
  }
  if (parts.length > 0) messages.push({ role: "user", content: parts.every(isText) ? lines(parts) : parts });
  return messages;
}

function userPart(block: Exclude<UserBlock, { type: "tool_result" }>): UserParts[number] {
  if (block.type === "text") return block;
  const { source } = block;
  const url = source.type === "url" ? source.url : `data:${source.media_type};base64,${source.data}`;
  return { type: "image_url", image_url: { url } };
}

/** Thinking that is encrypted for Anthropic alone is left out. A text may be cut anywhere, as around citations. */
function assistantMessage(blocks: readonly AssistantBlock[]): ChatMessage {
  let text = "";
  const thoughts: string[] = [];
  const calls: ToolCalls = [];
  for (const block of blocks) {
    if (block.type === "text") text += block.text;
    if (block.type === "thinking") thoughts.push(block.thinking);
    if (block.type === "tool_use")
      calls.push({ id: block.id, type: "function", function: { name: block.name, arguments: block.input } });
  }
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    reasoning_content: thoughts.length > 0 ? thoughts.join("\n") : undefined,
    tool_calls: calls.length > 0 ? calls : undefined,
  };
}

function isText(block: { type: string }): block is TextBlock {
  return block.type === "text";
}

/** llama-server puts the texts of a message together in the same way. */
function lines(blocks: readonly TextBlock[]): string {
  return blocks.map(({ text }) => text).join("\n");
}
