/** A checked embeddings request as an engine gets it. */
import type { UpstreamRequest } from "../../gateway/endpoint.ts";
import type { Engine } from "../../slots/types.ts";
import type { EmbeddingsRequest } from "./request.ts";

/** Shortened vectors are computed here, from numbers: engines take no notice of `dimensions`. */
export function embeddingsUpstream(call: EmbeddingsRequest, engine: Engine): UpstreamRequest {
  const body = {
    model: engine.upstreamModel,
    input: call.input,
    encoding_format: call.dimensions ? "float" : (call.encoding_format ?? "float"),
  };
  return { path: "/embeddings", body: JSON.stringify(body), isStreamed: false, input: "input" };
}
