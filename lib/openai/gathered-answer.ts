/** An answer that comes in one piece of JSON, gathered until it is whole. */
import { GatewayError } from "../errors.ts";

const maxAnswerBytes = 64 * 1024 * 1024;

export class GatheredAnswer {
  readonly #pieces: Buffer[] = [];
  #sizeBytes = 0;

  get hasBegun(): boolean {
    return this.#sizeBytes > 0;
  }

  /** @throws GatewayError `engine_crashed` beyond 64 MiB */
  push(chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes > maxAnswerBytes) throw malformedAnswer("too large");
    this.#pieces.push(chunk);
  }

  text(): string {
    return Buffer.concat(this.#pieces).toString("utf8");
  }
}

/**
 * The object that an engine answered with.
 * @throws GatewayError `engine_crashed` where it is none
 */
export function answeredObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformedAnswer(text.slice(0, 500));
  }
  if (typeof value !== "object" || value === null) throw malformedAnswer(text.slice(0, 500));
  return { ...value };
}

/** @param cause for the log alone */
export function malformedAnswer(cause: string): GatewayError {
  return new GatewayError("engine_crashed", "The engine behind this model sent a malformed answer.", {
    cause,
  });
}
