/** The endpoints of `/v1` that encode. */
import { embeddingsNotes, rerankNotes } from "../../compatibility/others.ts";
import { embeddings } from "../../gateway/endpoints/embeddings.ts";
import { rerank } from "../../gateway/endpoints/rerank.ts";
import { embeddingsAnswer, rerankAnswer } from "../answers/encoders.ts";
import type { Operation } from "../operation.ts";
import { modelCall } from "./v1.ts";

export const vectorOperations: readonly Operation[] = [
  {
    ...modelCall,
    path: "/v1/embeddings",
    id: "createEmbeddings",
    group: "Vectors",
    summary: "Make vectors of texts",
    description: "One vector for each input, from a model of type embedding.",
    body: {
      name: "EmbeddingsRequest",
      schema: embeddings.schema,
      notes: embeddingsNotes.parameters,
      example: { model: "auto", input: ["the sea", "the mountains"] },
    },
    answers: [
      { status: 200, description: "The vectors", schema: { name: "Embeddings", schema: embeddingsAnswer } },
    ],
  },
  {
    ...modelCall,
    path: "/v1/rerank",
    id: "rerank",
    group: "Vectors",
    summary: "Order documents by their relevance",
    description:
      "Each document gets a figure for how well it answers the query; the shape is Jina's and Cohere's.",
    body: {
      name: "RerankRequest",
      schema: rerank.schema,
      notes: rerankNotes.parameters,
      example: { model: "auto", query: "Why is the sea salty?", documents: ["Rivers carry salt.", "Tides."] },
    },
    answers: [
      {
        status: 200,
        description: "The documents' places and figures",
        schema: { name: "Ranking", schema: rerankAnswer },
      },
    ],
  },
];
