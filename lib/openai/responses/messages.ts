/** The items of a response's input as messages of a chat. */
import type { ChatMessage } from "../chat/request.ts";
import type { InputItem, InputMessage } from "./items.ts";

type AssistantMessage = Extract<ChatMessage, { role: "assistant" }>;
type UserMessage = Extract<InputMessage, { role: "user" }>;
type UserContent = Extract<ChatMessage, { role: "user" }>["content"];
type UserPart = Exclude<UserContent, string>[number];
type Call = Extract<InputItem, { type: "function_call" }>;
type TextPart = { text: string } | { refusal: string };

/**
 * The talk so far. What a model did in one turn, thinking, speaking and calling functions, is one message of a chat, and
 * the instructions at the beginning are one as well: many chat templates take no second system message.
 */
export function chatMessages(
  instructions: string | null | undefined,
  input: string | readonly InputItem[],
): ChatMessage[] {
  const messages: ChatMessage[] = instructions ? [{ role: "system", content: instructions }] : [];
  if (typeof input === "string") messages.push({ role: "user", content: input });
  else for (const item of input) addItem(messages, item);
  return messages.filter((message) => message.role !== "assistant" || !isThought(message));
}

function addItem(messages: ChatMessage[], item: InputItem): void {
  if (item.type === "function_call") addCall(messages, item);
  else if (item.type === "function_call_output")
    messages.push({ role: "tool", content: textContent(item.output), tool_call_id: item.call_id });
  else if (item.type === "reasoning")
    addThought(messages, (item.content ?? []).map(({ text }) => text).join("\n"));
  else if (item.role === "assistant") addSpeech(messages, textContent(item.content));
  else if (item.role === "user") messages.push({ role: "user", content: userContent(item) });
  else addInstructions(messages, allText(item.content));
}

function addInstructions(messages: ChatMessage[], text: string): void {
  const first = messages.length === 1 ? messages[0] : undefined;
  if (first?.role === "system") first.content = `${first.content}\n\n${text}`;
  else messages.push({ role: "system", content: text });
}

function addThought(messages: ChatMessage[], text: string): void {
  if (text === "") return;
  const turn = messages.at(-1);
  if (turn?.role === "assistant" && isThought(turn))
    turn.reasoning_content = `${turn.reasoning_content}\n${text}`;
  else messages.push({ role: "assistant", reasoning_content: text });
}

function addSpeech(messages: ChatMessage[], content: AssistantMessage["content"]): void {
  const turn = messages.at(-1);
  if (turn?.role === "assistant" && isThought(turn)) turn.content = content;
  else messages.push({ role: "assistant", content });
}

function addCall(messages: ChatMessage[], { call_id, name, arguments: given }: Call): void {
  const call = { id: call_id, type: "function" as const, function: { name, arguments: given } };
  const turn = messages.at(-1);
  if (turn?.role !== "assistant") messages.push({ role: "assistant", tool_calls: [call] });
  else if (turn.tool_calls) turn.tool_calls.push(call);
  else turn.tool_calls = [call];
}

/** A turn of which only the reasoning is known so far. */
function isThought({ content, tool_calls: calls }: AssistantMessage): boolean {
  return content == null && calls == null;
}

function userContent({ content }: UserMessage): UserContent {
  if (typeof content === "string") return content;
  const parts = content.map((part): UserPart => {
    if (part.type === "input_audio") return part;
    if (part.type === "input_text") return { type: "text", text: part.text };
    // Chat knows no "original": its "high" is the most that there is.
    const detail = part.detail === "original" ? "high" : part.detail;
    return { type: "image_url", image_url: { url: part.image_url, detail } };
  });
  const [first] = parts;
  return parts.length === 1 && first?.type === "text" ? first.text : parts;
}

/** Text alone is a string where it can be, which every server understands. */
function textContent(content: string | readonly TextPart[]) {
  if (typeof content === "string") return content;
  const texts = content.map(partText);
  return texts.length === 1 ? texts.join() : texts.map((text) => ({ type: "text" as const, text }));
}

function allText(content: string | readonly TextPart[]): string {
  return typeof content === "string" ? content : content.map(partText).join("\n");
}

function partText(part: TextPart): string {
  return "refusal" in part ? part.refusal : part.text;
}
