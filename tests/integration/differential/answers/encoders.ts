/** What an answer of `/v1/embeddings` or `/v1/rerank` says. */
import { type AnswerReader, listIn, objectIn, usageIn } from "./answer.ts";

export const embeddingsAnswers: AnswerReader = {
  whole({ object, model, data, usage }) {
    const rows = listIn(data);
    return {
      object,
      model,
      places: rows.map(({ index }) => index),
      // The form is compared too: a client that asked for base64 cannot read numbers.
      forms: rows.map(({ embedding }) => typeof embedding),
      vectors: rows.map(({ embedding }) => vectorIn(embedding)),
      usage: usageIn(usage),
    };
  },
  stream: null,
};

export const rerankAnswers: AnswerReader = {
  whole({ object, model, results, usage }) {
    return {
      object,
      model,
      results: listIn(results).map(({ index, relevance_score: score, document }) => ({
        index,
        score,
        document: document === undefined ? "" : objectIn(document).text,
      })),
      usage: usageIn(usage),
    };
  },
  stream: null,
};

function vectorIn(embedding: unknown): unknown {
  if (typeof embedding !== "string") return embedding;
  const bytes = Buffer.from(embedding, "base64");
  return Array.from({ length: bytes.length / 4 }, (_, place) => bytes.readFloatLE(place * 4));
}
