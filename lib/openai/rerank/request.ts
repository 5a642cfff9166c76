/** What a client may send to `/v1/rerank`: OpenAI has no such endpoint, so it is Jina's and Cohere's, as engines have it. */
import { z } from "zod";

const maxDocuments = 1_000;

const rerankDocument = z.union([z.string(), z.object({ text: z.string() })]);

export const rerankRequest = z.object({
  model: z.string().max(256).nullish(),
  query: z.string().min(1),
  documents: z.array(rerankDocument).min(1).max(maxDocuments),
  top_n: z.number().int().min(1).nullish(),
  return_documents: z.boolean().nullish(),
});
export type RerankRequest = z.infer<typeof rerankRequest>;

export function documentText(document: RerankRequest["documents"][number]): string {
  return typeof document === "string" ? document : document.text;
}
