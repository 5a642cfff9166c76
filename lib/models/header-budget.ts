/** What a header may take of this process's memory: its file may have been made to take all of it. */
import { bytesPerMegabyte } from "../bytes.ts";

/** Of real models less than one is kept: the chat template, a thousand or two of tensors, and some numbers. */
const usualBytes = 32 * bytesPerMegabyte;

/** Shared by the headers of a split model, as the tensors of all its parts are kept. */
export class HeaderBudget {
  #leftBytes: number;

  constructor(keptBytes = usualBytes) {
    this.#leftBytes = keptBytes;
  }

  /** @throws Error where more would be kept than a header may take */
  take(bytes: number): void {
    this.#leftBytes -= bytes;
    if (this.#leftBytes < 0) throw headerTooLarge();
  }
}

export function headerTooLarge(): Error {
  return new Error("its header is too large");
}
