/** What the supervisor itself asks a llama-server: is it there, is it ours, does it work. */
import type { Dispatcher, Pool } from "undici";
import { z } from "zod";

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })).min(1) });
const propertiesSchema = z.object({ media_marker: z.string().min(1).nullish() });

/** Somebody else answered on the engine's port. */
export class StrangerError extends Error {}

export class LlamaClient {
  /** @param headers the engine's key, as a flat name/value list */
  constructor(
    readonly pool: Pool,
    readonly headers: string[],
  ) {}

  /** True when the model is loaded, false while it loads. @throws Error when nobody answers */
  async isLoaded(signal: AbortSignal): Promise<boolean> {
    const { statusCode, body } = await this.#request({ method: "GET", path: "/health" }, signal);
    await body.dump();
    return statusCode === 200;
  }

  /**
   * Asks for the model's name, with our key: only our engine knows the key, and only a server that was told it has
   * this name.
   * @throws StrangerError when another server answers
   */
  async checkIdentity(alias: string, signal: AbortSignal): Promise<void> {
    const unknownKey = await this.#request({ method: "GET", path: "/v1/models" }, signal, []);
    await unknownKey.body.dump();
    if (unknownKey.statusCode !== 401) throw new StrangerError("it answers without our key");
    const { statusCode, body } = await this.#request({ method: "GET", path: "/v1/models" }, signal);
    const answer = modelsSchema.safeParse(await body.json().catch(() => null));
    if (statusCode !== 200) throw new StrangerError("it does not know our key");
    if (answer.data?.data[0]?.id !== alias) throw new StrangerError("it runs another model");
  }

  /** What stands for an image or a sound in its prompts; null where it does not tell. */
  async mediaMarker(signal: AbortSignal): Promise<string | null> {
    const { body } = await this.#request({ method: "GET", path: "/props" }, signal);
    const properties = propertiesSchema.safeParse(await body.json().catch(() => null));
    return properties.data?.media_marker ?? null;
  }

  /**
   * Makes it do its work once, for nobody: one token, one vector, or one score.
   * @param onStep called with each sign that it is at it. A text model is asked for them: when it begins, when it has
   *   read, and its token. What goes wrong after the first of them is only another sign, no error.
   * @throws Error with its words
   */
  async work(
    serves: "text" | "embedding" | "rerank",
    signal: AbortSignal,
    onStep?: () => void,
  ): Promise<void> {
    const signs = onStep ? { stream: true, return_progress: true } : undefined;
    const [path, content] = {
      text: ["/completion", { prompt: "a", n_predict: 1, cache_prompt: false, ...signs }],
      embedding: ["/embeddings", { content: "a" }],
      rerank: ["/v1/rerank", { query: "a", documents: ["a"] }],
    }[serves] as [string, object];
    const request = { method: "POST" as const, path, body: JSON.stringify(content) };
    const { statusCode, body } = await this.#request(request, signal);
    onStep?.();
    let text = "";
    for await (const piece of body.setEncoding("utf8")) {
      onStep?.();
      text += piece;
    }
    if (statusCode !== 200) throw new Error(`it answered ${statusCode}: ${text.slice(0, 500)}`);
  }

  /** Each on a connection of its own: a kept one would hold one of the engine's few threads. */
  #request(
    request: Pick<Dispatcher.RequestOptions, "method" | "path" | "body">,
    signal: AbortSignal,
    headers = this.headers,
  ): Promise<Dispatcher.ResponseData> {
    return this.pool.request({ ...request, headers, signal, reset: true });
  }
}
