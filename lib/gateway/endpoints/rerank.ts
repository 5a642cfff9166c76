/** `POST /v1/rerank`. */
import { RerankReader } from "../../openai/rerank/answer.ts";
import { documentText, type RerankRequest, rerankRequest } from "../../openai/rerank/request.ts";
import type { Capability } from "../../slots/types.ts";
import type { Endpoint } from "../endpoint.ts";

const ranking: readonly Capability[] = ["rerank"];

export const rerank: Endpoint<RerankRequest> = {
  name: "rerank",
  schema: rerankRequest,
  needs: () => ranking,
  outputTokens: () => 0,
  upstream(call, _grant, engine) {
    const body = {
      model: engine.upstreamModel,
      query: call.query,
      documents: call.documents.map(documentText),
    };
    return { path: "/rerank", body: JSON.stringify(body), isStreamed: false };
  },
  streamReader: null,
  wholeReader: (call, { model }) => new RerankReader(call, model.id),
};
