/**
 * What the text of a chat event tells without being parsed. Each event is decoded as latin1: a byte a character, and a
 * search costs a tenth of one in bytes.
 *
 * The keys searched for are only written by engines: inside a JSON string their quotes would be escaped, so text that a
 * model generates cannot be taken for one of them.
 */

/** Keys for which an event has to be parsed. OpenAI writes a `usage` of null into every event but the last. */
const marks = /"(?:usage"(?!: ?null)|error"|prompt_progress":)/;

/** A part of the answer that a model wrote: text that is not empty, or a list that is not. Log probabilities are such a list. */
const generated = /"(?:content|reasoning|reasoning_content|refusal|tool_calls)": ?(?:"(?!")|\[(?!\]))/;

export const timingsKey = '"timings":';

/** True where the engine writes keys that it uses for more than the answer. */
export function isMarked(text: string): boolean {
  return marks.test(text);
}

/** Where a piece of the answer begins; -1 for an event of a role, an end, or figures. */
export function generatedStart(text: string): number {
  return text.search(generated);
}

/** True for a single line and the empty one that ends the event. */
export function isOneLine(text: string): boolean {
  return text.indexOf("\n") === text.length - 2 && text.endsWith("\n");
}

/** True for an event of one `data:` line with an object: without a name, a comment, or more lines. */
export function isOneObject(text: string): boolean {
  const isObject = text.startsWith("data: {") || text.startsWith("data:{");
  return isObject && text.indexOf("\n") >= text.length - "\n\r\n".length;
}

/** Where `timings` begin, or -1. */
export function timingsStart(text: string): number {
  return text.lastIndexOf(timingsKey);
}

/**
 * True when the timings at `start` are the last member of the event, so that it can be cut there: no brace closes before
 * their own and the event's, which closes it.
 */
export function isTimingsLast(text: string, start: number): boolean {
  const end = text.length - "}}\n\n".length;
  return (
    text[start - 1] === "," &&
    text[start + timingsKey.length] === "{" &&
    text.indexOf("}", start) === end &&
    text.endsWith("}}\n\n")
  );
}

/** How an engine that writes JSON as in `event` names this model, as latin1. */
export function modelText(modelId: string, event: Buffer): string {
  const id = Buffer.from(JSON.stringify(modelId)).toString("latin1");
  return event.includes('"choices": ') ? `"model": ${id}` : `"model":${id}`;
}
