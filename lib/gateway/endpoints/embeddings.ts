/** `POST /v1/embeddings`. */
import { EmbeddingsReader } from "../../openai/embeddings/answer.ts";
import {
  type EmbeddingsRequest,
  embeddingsBounds,
  embeddingsPromptTokens,
  embeddingsRequest,
} from "../../openai/embeddings/request.ts";
import { embeddingsUpstream } from "../../openai/embeddings/upstream.ts";
import { entriesOf } from "../../openai/text-or-tokens.ts";
import type { Capability } from "../../slots/types.ts";
import type { Endpoint } from "../endpoint.ts";

const embedding: readonly Capability[] = ["embedding"];

export const embeddings: Endpoint<EmbeddingsRequest> = {
  name: "embeddings",
  schema: embeddingsRequest,
  bounds: embeddingsBounds,
  needs: () => embedding,
  outputTokens: () => 0,
  prompts: ({ input }) => entriesOf(input).length,
  promptTokens: embeddingsPromptTokens,
  upstream: (call, _grant, engine) => embeddingsUpstream(call, engine),
  streamReader: null,
  wholeReader: (call, { model }) => new EmbeddingsReader(call, model.id),
};
