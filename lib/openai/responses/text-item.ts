/** A message, or reasoning, that is being written: parts of text, one after the other. */
import type { Emit, ItemStatus, MessageItem, OutputPart, ReasoningItem } from "./output-items.ts";

export type PartType = OutputPart["type"];

export class TextItem {
  readonly item: MessageItem | ReasoningItem;
  readonly #outputIndex: number;
  readonly #emit: Emit;
  /** The part that text is added to. */
  #part: PartType | null = null;
  #text = "";
  #logprobs: unknown[] = [];

  constructor(item: MessageItem | ReasoningItem, outputIndex: number, emit: Emit) {
    this.item = item;
    this.#outputIndex = outputIndex;
    this.#emit = emit;
    emit("response.output_item.added", { output_index: outputIndex, item: { ...item, content: [] } });
  }

  add(type: PartType, text: string, logprobs: readonly unknown[] = []): void {
    if (this.#part !== type) {
      this.#closePart();
      this.#part = type;
      this.#emit("response.content_part.added", { ...this.#place(), part: partOf(type, "", []) });
    }
    if (text === "" && logprobs.length === 0) return;
    this.#text += text;
    this.#logprobs.push(...logprobs);
    this.#emit(`response.${type}.delta`, {
      item_id: this.item.id,
      output_index: this.#outputIndex,
      content_index: this.item.content.length,
      delta: text,
      logprobs: type === "output_text" ? logprobs : undefined,
    });
  }

  close(status: ItemStatus): void {
    this.#closePart();
    this.item.status = status;
    this.#emit("response.output_item.done", { output_index: this.#outputIndex, item: this.item });
  }

  #closePart(): void {
    if (!this.#part) return;
    const part = partOf(this.#part, this.#text, this.#logprobs);
    this.#emit(`response.${part.type}.done`, { ...this.#place(), ...writtenIn(part) });
    this.#emit("response.content_part.done", { ...this.#place(), part });
    this.item.content.push(part);
    this.#part = null;
    this.#text = "";
    this.#logprobs = [];
  }

  #place() {
    return {
      item_id: this.item.id,
      output_index: this.#outputIndex,
      content_index: this.item.content.length,
    };
  }
}

/** What the event of a part's end says of it. */
function writtenIn(part: OutputPart): object {
  if (part.type === "refusal") return { refusal: part.refusal };
  return part.type === "output_text" ? { text: part.text, logprobs: part.logprobs } : { text: part.text };
}

function partOf(type: PartType, text: string, logprobs: unknown[]): OutputPart {
  if (type === "output_text") return { type, annotations: [], logprobs, text };
  return type === "refusal" ? { type, refusal: text } : { type, text };
}
