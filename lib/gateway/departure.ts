/** Notices that a client has left, without the cost of an `AbortSignal` for each request where Node's own event will do. */
import type { ServerResponse } from "node:http";
import { responseOf } from "./node-response.ts";

/** Whether, and when, the client of one request leaves before it has its answer. */
export class Departure {
  readonly #request: Request;
  readonly #response: ServerResponse | undefined;

  constructor(request: Request) {
    this.#request = request;
    this.#response = responseOf(request);
  }

  get hasLeft(): boolean {
    const response = this.#response;
    return response ? response.closed && !response.writableFinished : this.#request.signal.aborted;
  }

  /**
   * Calls `listener` once when the client leaves.
   * @returns stops listening
   */
  listen(listener: () => void): () => void {
    const response = this.#response;
    if (!response) {
      const { signal } = this.#request;
      signal.addEventListener("abort", listener, { once: true });
      return () => signal.removeEventListener("abort", listener);
    }
    const onClose = () => {
      if (!response.writableFinished) listener();
    };
    response.once("close", onClose);
    return () => response.off("close", onClose);
  }
}
