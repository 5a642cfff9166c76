/** Log probabilities in the shape that this API has always had, from the shape that chats have. */
import { isUtf8 } from "node:buffer";
import { StringDecoder } from "node:string_decoder";
import { z } from "zod";
import type { CompletionChoice } from "./events.ts";
import { type CompletionRequest, promptTextOf } from "./request.ts";

const tokenLogprob = z.object({
  id: z.number().nullish(),
  token: z.string(),
  bytes: z.array(z.number()).nullish(),
  logprob: z.number().nullish(),
});
type TokenLogprob = z.infer<typeof tokenLogprob>;

/** What was chosen at one place of the text, and what could have been. */
const position = tokenLogprob.extend({ top_logprobs: z.array(tokenLogprob).nullish() });
type Position = z.infer<typeof position>;

/** llama-server's way: the one of chats. */
const chatLogprobs = z.object({ content: z.array(position) });

/** A list each, as long as the tokens are many. */
const legacyLogprobs = z.looseObject({
  tokens: z.array(z.unknown()),
  token_logprobs: z.array(z.unknown()),
  top_logprobs: z.array(z.unknown()).nullish(),
  text_offset: z.array(z.unknown()).nullish(),
});
export type CompletionLogprobs = z.infer<typeof legacyLogprobs>;

/** How far the tokens of a choice have come. */
interface Place {
  offset: number;
  /** Puts characters together that are cut into several tokens. */
  decoder: StringDecoder;
}

/** Reads the log probabilities of all choices, each in the order of its tokens. */
export class LogprobsReader {
  readonly #call: CompletionRequest;
  readonly #places = new Map<number, Place>();

  constructor(call: CompletionRequest) {
    this.#call = call;
  }

  /** Null where the client wants none, or the engine gives none. What is in this API's shape stays as it is. */
  read({ index, logprobs }: CompletionChoice): CompletionLogprobs | null {
    if (this.#call.logprobs == null || !logprobs) return null;
    const legacy = legacyLogprobs.safeParse(logprobs);
    if (legacy.success) return legacy.data;
    const chat = chatLogprobs.safeParse(logprobs);
    if (!chat.success || chat.data.content.length === 0) return null;
    return convert(chat.data.content, this.#call.logprobs, this.#place(index));
  }

  /** `text_offset` counts from the beginning of the prompt, as at OpenAI, whether or not it is echoed. */
  #place(index: number): Place {
    const known = this.#places.get(index);
    if (known) return known;
    const offset = characters(promptTextOf(this.#call, index));
    const place = { offset, decoder: new StringDecoder() };
    this.#places.set(index, place);
    return place;
  }
}

/** @param alternatives how many likeliest tokens the client gets, and the chosen one besides where it is none of them */
function convert(content: readonly Position[], alternatives: number, place: Place): CompletionLogprobs {
  const converted: CompletionLogprobs = {
    tokens: [],
    token_logprobs: [],
    top_logprobs: [],
    text_offset: [],
  };
  for (const position of content) {
    const likeliest = position.top_logprobs ?? [];
    const token = chosenToken(position, likeliest);
    const named = [...likeliest.slice(0, alternatives), token].map((one) => [tokenName(one), one.logprob]);
    converted.tokens.push(tokenName(token));
    converted.token_logprobs.push(token.logprob ?? null);
    converted.top_logprobs?.push(Object.fromEntries(named));
    converted.text_offset?.push(place.offset);
    place.offset += characters(place.decoder.write(bytesOf(token)));
  }
  return converted;
}

/** Adds those of further tokens. */
export function appendLogprobs(all: CompletionLogprobs, more: CompletionLogprobs): void {
  all.tokens.push(...more.tokens);
  all.token_logprobs.push(...more.token_logprobs);
  all.top_logprobs?.push(...(more.top_logprobs ?? []));
  all.text_offset?.push(...(more.text_offset ?? []));
}

/**
 * The token that was chosen. As its text llama-server (0.7.0) gives what it sends with it: nothing while that may become
 * a stop sequence, and then all of it. Among the likeliest it stands by its own text.
 */
function chosenToken(chosen: TokenLogprob, likeliest: readonly TokenLogprob[]): TokenLogprob {
  return (chosen.id != null && likeliest.find(({ id }) => id === chosen.id)) || chosen;
}

/** OpenAI names tokens that are no whole characters by their bytes. */
function tokenName(token: TokenLogprob): string {
  if (!token.bytes || isUtf8(bytesOf(token))) return token.token;
  const hex = token.bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`);
  return `bytes:${hex.join("")}`;
}

function bytesOf({ bytes, token }: TokenLogprob): Buffer {
  return bytes ? Buffer.from(bytes) : Buffer.from(token);
}

/** Not UTF-16 units: OpenAI's offsets are Python's. */
function characters(text: string): number {
  return [...text].length;
}
