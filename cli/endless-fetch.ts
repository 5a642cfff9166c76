/** A `fetch` that waits for the first byte of an answer as long as it takes: Node's own gives up after five minutes. */

/** What is used of a `Response`: undici's own has another type than Node's. */
export type Answered = Pick<Response, "ok" | "status" | "json"> & { body: unknown };

interface Asked {
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** Loads undici, which most commands do without. Its `fetch` too, as Node's may not understand an Agent of another version. */
export async function newEndlessFetch(): Promise<(url: string, asked: Asked) => Promise<Answered>> {
  const { Agent, fetch } = await import("undici");
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  return (url, asked) => fetch(url, { ...asked, dispatcher });
}
