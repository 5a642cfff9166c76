/** The call of a function that is being written. */
import type { Emit, FunctionCallItem } from "./output-items.ts";

export class CallItem {
  readonly item: FunctionCallItem;
  isOpen = true;
  readonly #outputIndex: number;
  readonly #emit: Emit;

  constructor(item: FunctionCallItem, outputIndex: number, emit: Emit) {
    this.item = item;
    this.#outputIndex = outputIndex;
    this.#emit = emit;
    emit("response.output_item.added", { output_index: outputIndex, item: { ...item } });
  }

  /** True when nothing more can follow. */
  get isWhole(): boolean {
    try {
      JSON.parse(this.item.arguments);
      return true;
    } catch {
      return false;
    }
  }

  add(delta: string): void {
    if (delta === "") return;
    this.item.arguments += delta;
    this.#emit("response.function_call_arguments.delta", { ...this.#place(), delta });
  }

  /** @param isCut whether the answer was cut off: then what is not whole stays so */
  close(isCut: boolean): void {
    if (!this.isOpen) return;
    const { item } = this;
    if (!isCut && item.arguments === "") this.add("{}"); // Clients parse them, of a function without parameters too.
    this.isOpen = false;
    item.status = isCut && !this.isWhole ? "incomplete" : "completed";
    const written = { arguments: item.arguments, name: item.name };
    this.#emit("response.function_call_arguments.done", { ...this.#place(), ...written });
    this.#emit("response.output_item.done", { output_index: this.#outputIndex, item });
  }

  #place() {
    return { item_id: this.item.id, output_index: this.#outputIndex };
  }
}
