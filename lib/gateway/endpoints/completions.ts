/** `POST /v1/completions`. */
import { CompletionPlainReader } from "../../openai/completions/plain.ts";
import {
  type CompletionRequest,
  choiceCount,
  completionBounds,
  completionPromptTokens,
  completionRequest,
} from "../../openai/completions/request.ts";
import { CompletionStreamReader } from "../../openai/completions/stream.ts";
import { completionUpstream } from "../../openai/completions/upstream.ts";
import { CompletionWholeReader } from "../../openai/completions/whole.ts";
import { entriesOf } from "../../openai/text-or-tokens.ts";
import type { Capability } from "../../slots/types.ts";
import type { JsonEndpoint } from "../endpoint.ts";

const writing: readonly Capability[] = ["text"];

export const completions: JsonEndpoint<CompletionRequest> = {
  name: "completions",
  schema: completionRequest,
  bounds: completionBounds,
  needs: () => writing,
  outputTokens: (call) => call.max_tokens,
  prompts: ({ prompt }) => entriesOf(prompt).length,
  choices: choiceCount,
  promptTokens: completionPromptTokens,
  upstream: completionUpstream,
  streamReader: (call, { model }) => new CompletionStreamReader(call, model.id),
  wholeReader: (call, { model }, engine) =>
    engine.alwaysStream
      ? new CompletionWholeReader(call, model.id)
      : new CompletionPlainReader(call, model.id),
};
