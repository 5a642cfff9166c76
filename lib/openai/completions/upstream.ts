/** A checked completions request as an engine gets it. */
import type { Grant, UpstreamRequest } from "../../gateway/endpoint.ts";
import type { Engine } from "../../slots/types.ts";
import { upstreamSampling } from "../sampling.ts";
import type { CompletionRequest } from "./request.ts";

type EngineTraits = Pick<Engine, "upstreamModel" | "alwaysStream" | "reportsProgress" | "kind">;

/** Builds the engine's request. `echo` and `best_of` stay here: llama-server takes no notice of either. */
export function completionUpstream(
  call: CompletionRequest,
  { maxOutputTokens }: Pick<Grant, "maxOutputTokens">,
  engine: EngineTraits,
): UpstreamRequest {
  const stream = call.stream === true || engine.alwaysStream;
  const body = {
    model: engine.upstreamModel,
    prompt: call.prompt,
    stream,
    stream_options: stream ? { include_usage: true } : undefined,
    max_tokens: maxOutputTokens,
    ...upstreamSampling(call),
    logprobs: upstreamLogprobs(call, engine),
    ...(engine.reportsProgress ? { timings_per_token: true, return_progress: true } : undefined),
  };
  return { path: "/completions", body: JSON.stringify(body), isStreamed: stream, input: "prompt" };
}

/** llama-server takes 0 for none. The client gets the token that was chosen, and no others. */
function upstreamLogprobs({ logprobs }: CompletionRequest, { kind }: EngineTraits): number | undefined {
  if (logprobs == null) return undefined;
  return kind === "llama-server" ? Math.max(1, logprobs) : logprobs;
}
