/** Ends a text at the first of some sequences, which chat answers do not name. */

export class StopSequences {
  readonly #sequences: readonly string[];
  /** The end of the text so far, as far as a sequence may begin in it. */
  #held = "";
  #matched: string | null = null;

  constructor(sequences: readonly string[]) {
    this.#sequences = sequences;
  }

  /** The sequence that ended the text; null until one does. */
  get matched(): string | null {
    return this.#matched;
  }

  /** @returns the text that may be shown now, which lacks the sequence and all behind it */
  push(text: string): string {
    if (this.#sequences.length === 0) return text;
    const all = this.#held + text;
    let end = all.length;
    for (const sequence of this.#sequences) {
      const at = all.indexOf(sequence);
      if (at === -1 || (this.#matched !== null && at >= end)) continue;
      this.#matched = sequence;
      end = at;
    }
    if (this.#matched === null) end -= this.#beginningAtEnd(all);
    this.#held = this.#matched === null ? all.slice(end) : "";
    return all.slice(0, end);
  }

  /** What was held back and turned out to be text. */
  rest(): string {
    const text = this.#held;
    this.#held = "";
    return text;
  }

  /** How many characters at the end of a text may be the beginning of a sequence. */
  #beginningAtEnd(text: string): number {
    let most = 0;
    for (const sequence of this.#sequences)
      for (let length = Math.min(sequence.length - 1, text.length); length > most; length--)
        if (text.endsWith(sequence.slice(0, length))) most = length;
    return most;
  }
}
