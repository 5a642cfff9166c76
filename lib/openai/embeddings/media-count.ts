/** What the images of an embeddings request come to in tokens: what is left of the prompt when its texts are counted. */
import { z } from "zod";
import type { Engine } from "../../slots/types.ts";
import type { MediaCount } from "../usage.ts";
import { hasParts, partsOfEntry } from "./input.ts";
import type { EmbeddingsRequest } from "./request.ts";

const answerMs = 3_000;
const tokenized = z.object({ tokens: z.array(z.unknown()) });

/**
 * Texts between images are read one by one, and so they are counted; what stands around each entry is counted once.
 * @returns as `Endpoint.countMedia`
 */
export function countEmbeddingsMedia(
  { input }: EmbeddingsRequest,
  engine: Engine,
): Promise<MediaCount | null> | undefined {
  if (engine.kind !== "llama-server" || !hasParts(input)) return undefined;
  const texts: string[] = [];
  let hasImages = false;
  for (const entry of input) {
    const parts = partsOfEntry(entry, 0).map(({ part }) => part);
    for (const part of parts) if (part.type === "text") texts.push(part.text);
    if (!parts.some(({ type }) => type === "image_url")) continue;
    hasImages = true;
    texts.push("\n"); // As upstream.ts puts it after the last image.
  }
  if (!hasImages) return undefined;
  const around = tokenCount(engine, { content: "", add_special: true });
  const within = tokenCount(engine, { content: texts, add_special: false });
  return Promise.all([around, within]).then(
    ([each, all]) => ({ textTokens: all + each * input.length, soundlessTokens: null, hasSounds: false }),
    () => null,
  );
}

async function tokenCount({ pool, headers }: Engine, question: object): Promise<number> {
  const answer = await pool.request({
    method: "POST",
    path: "/tokenize",
    headers,
    body: JSON.stringify(question),
    signal: AbortSignal.timeout(answerMs),
    reset: true,
  });
  return tokenized.parse(await answer.body.json()).tokens.length;
}
