/** An answer that comes in one piece of JSON, gathered until it is whole. */
import { GatewayError } from "../errors.ts";
import type { WholeReader } from "../gateway/endpoint.ts";
import { noUsage, type Usage } from "./usage.ts";

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

/** Reads an answer of one piece: what such endpoints have in common. */
export abstract class GatheredReader<Call> implements WholeReader {
  protected readonly gathered = new GatheredAnswer();
  /** Set by `answer`: before the answer is whole, nobody knows what it used. */
  protected counted: Usage | null = null;

  /** @param modelId what the client is told that answered; a remote may have another name for it, or a path */
  constructor(
    protected readonly call: Call,
    protected readonly modelId: string,
  ) {}

  get hasBegun(): boolean {
    return this.gathered.hasBegun;
  }

  push(chunk: Buffer): void {
    this.gathered.push(chunk);
  }

  usage(): Usage {
    return this.counted ?? noUsage;
  }

  usageWhenLeft(): Usage {
    return this.counted ?? this.estimateWhenLeft();
  }

  abstract answer(): string;

  /** What a client owes that leaves before the answer has come. */
  protected abstract estimateWhenLeft(): Usage;
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
