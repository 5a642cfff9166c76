/** The blocks of a message, put together for an answer in one piece. */
import type { BlockSink } from "./block-writer.ts";
import type { BlockDelta, ContentBlock } from "./message.ts";

export class BlockList implements BlockSink {
  readonly blocks: ContentBlock[] = [];
  #input = "";

  begin(block: ContentBlock): void {
    this.blocks.push(block);
    this.#input = "";
  }

  add(delta: BlockDelta): void {
    const block = this.blocks.at(-1);
    if (delta.type === "input_json_delta") this.#input += delta.partial_json;
    else if (delta.type === "text_delta" && block?.type === "text") block.text += delta.text;
    else if (delta.type === "thinking_delta" && block?.type === "thinking") block.thinking += delta.thinking;
  }

  end(): void {
    const block = this.blocks.at(-1);
    if (block?.type === "tool_use") block.input = parsedInput(this.#input);
  }
}

/** Arguments that are cut are no JSON: then the input is empty, and the stop reason tells of it. */
function parsedInput(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
