/** `POST /v1/embeddings`. */
import { EmbeddingsReader } from "../../openai/embeddings/answer.ts";
import { entryCount, hasParts } from "../../openai/embeddings/input.ts";
import { countEmbeddingsMedia } from "../../openai/embeddings/media-count.ts";
import {
  type EmbeddingsRequest,
  embeddingsBounds,
  embeddingsImages,
  embeddingsPromptTokens,
  embeddingsRequest,
} from "../../openai/embeddings/request.ts";
import { embeddingsUpstream } from "../../openai/embeddings/upstream.ts";
import type { Capability } from "../../slots/types.ts";
import type { JsonEndpoint } from "../endpoint.ts";
import { prepareMedia } from "../prepare-media.ts";

const embedding: readonly Capability[] = ["embedding"];
/** Parts of text alone are a form of those models' as well. */
const seeing: readonly Capability[] = ["embedding", "image"];

export const embeddings: JsonEndpoint<EmbeddingsRequest> = {
  name: "embeddings",
  schema: embeddingsRequest,
  bounds: embeddingsBounds,
  needs: ({ input }) => (hasParts(input) ? seeing : embedding),
  outputTokens: () => 0,
  prompts: ({ input }) => entryCount(input),
  promptTokens: embeddingsPromptTokens,
  prepare(call, _grant, departure) {
    if (!hasParts(call.input)) return undefined;
    const images = embeddingsImages(call);
    const parts = images.map(({ part }) => part);
    return prepareMedia(parts, () => images.map(({ path }) => path), departure);
  },
  upstream: (call, _grant, engine) => embeddingsUpstream(call, engine),
  countMedia: (call, _grant, engine) => countEmbeddingsMedia(call, engine),
  streamReader: null,
  wholeReader: (call, { model }) => new EmbeddingsReader(call, model.id),
};
