/** One request that was made to hurt. */
export interface HostileCase {
  name: string;
  /** Sent as JSON, or as it is where it is text or bytes. */
  body: unknown;
  /** Besides the usual ones, or instead of them. */
  headers?: Record<string, string>;
  /** For a case that has to be answered sooner than most. */
  withinMs?: number;
}

const user = (content: unknown) => [{ role: "user", content }];

/** A chat request that is fine apart from these fields. */
export function chatCase(name: string, fields: Record<string, unknown>): HostileCase {
  return { name, body: { model: "tiny-text", messages: user("say hello"), max_tokens: 16, ...fields } };
}

/** A chat request with this content of the user's. */
export function contentCase(name: string, content: unknown): HostileCase {
  return chatCase(name, { messages: user(content) });
}

/** A chat request that asks for an answer by this JSON schema. */
export function schemaCase(name: string, schema: unknown): HostileCase {
  return chatCase(name, {
    response_format: { type: "json_schema", json_schema: { name: "answer", schema } },
  });
}

/** `text` around itself `depth` times, without building the nested value. */
export function nestedText(open: string, core: string, close: string, depth: number): string {
  return open.repeat(depth) + core + close.repeat(depth);
}
