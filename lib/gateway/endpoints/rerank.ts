/** `POST /v1/rerank`. */
import { RerankReader } from "../../openai/rerank/answer.ts";
import { documentText, type RerankRequest, rerankRequest } from "../../openai/rerank/request.ts";
import type { Capability } from "../../slots/types.ts";
import type { JsonEndpoint } from "../endpoint.ts";

/** What a model puts around a query and a document. */
const tokensPerDocument = 64;

const ranking: readonly Capability[] = ["rerank"];

export const rerank: JsonEndpoint<RerankRequest> = {
  name: "rerank",
  schema: rerankRequest,
  needs: () => ranking,
  outputTokens: () => 0,
  prompts: ({ documents }) => documents.length,
  // The query is read with each document.
  promptTokens: ({ query, documents }, bodyBytes) =>
    bodyBytes + documents.length * (Buffer.byteLength(query) + tokensPerDocument),
  upstream(call, _grant, engine) {
    const body = {
      model: engine.upstreamModel,
      query: call.query,
      documents: call.documents.map(documentText),
    };
    return { path: "/rerank", body: JSON.stringify(body), isStreamed: false, input: "documents" };
  },
  streamReader: null,
  wholeReader: (call, { model }) => new RerankReader(call, model.id),
};
