/** OpenAI's Response object: what was asked for, and how far the answer has come. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Usage } from "../usage.ts";
import type { IncompleteReason, ResponseOutput } from "./output.ts";
import type { OutputItem } from "./output-items.ts";
import type { ResponsesRequest } from "./request.ts";

const reportedReasoning = z.object({
  completion_tokens_details: z.object({ reasoning_tokens: z.number().int().nonnegative() }),
});

export class ResponseFrame {
  /** What the ids of the response and of its items have in common. */
  readonly idStem = randomUUID().replaceAll("-", "");
  readonly #createdAt = nowS();
  readonly #request: ResponsesRequest;
  readonly #modelId: string;

  /** @param modelId what the client is told that answered */
  constructor(request: ResponsesRequest, modelId: string) {
    this.#request = request;
    this.#modelId = modelId;
  }

  inProgress() {
    return this.#response("in_progress", { output: [], incomplete: null, usage: null, completedAt: null });
  }

  /** @param engineUsage the engine's own `usage` object, unchecked: it may tell how much was reasoning */
  finished({ items, incomplete, reasoningTokens }: ResponseOutput, usage: Usage, engineUsage: unknown) {
    const reported = reportedReasoning.safeParse(engineUsage).data;
    const reasoned = reported?.completion_tokens_details.reasoning_tokens ?? reasoningTokens;
    return this.#response(incomplete ? "incomplete" : "completed", {
      output: items,
      incomplete,
      usage: wireUsage(usage, reasoned),
      completedAt: incomplete ? null : nowS(),
    });
  }

  #response(
    status: "in_progress" | "completed" | "incomplete",
    state: {
      output: OutputItem[];
      incomplete: IncompleteReason | null;
      usage: ReturnType<typeof wireUsage> | null;
      completedAt: number | null;
    },
  ) {
    return {
      id: `resp_${this.idStem}`,
      object: "response" as const,
      created_at: this.#createdAt,
      status,
      background: false,
      completed_at: state.completedAt,
      error: null,
      incomplete_details: state.incomplete ? { reason: state.incomplete } : null,
      ...asked(this.#request),
      model: this.#modelId,
      output: state.output,
      usage: state.usage,
    };
  }
}

/** What the request said, or what holds where it said nothing. Null: as the model's own settings are. */
function asked(request: ResponsesRequest) {
  return {
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: null,
    metadata: request.metadata ?? {},
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: null,
    prompt_cache_key: request.prompt_cache_key ?? undefined,
    reasoning: { effort: request.reasoning?.effort ?? null, summary: null },
    safety_identifier: request.safety_identifier ?? undefined,
    service_tier: "default" as const,
    store: false,
    temperature: request.temperature ?? null,
    text: {
      format: request.text?.format ?? { type: "text" as const },
      verbosity: request.text?.verbosity ?? undefined,
    },
    tool_choice: request.tool_choice ?? "auto",
    tools: (request.tools ?? []).map((tool) => ({
      ...tool,
      parameters: tool.parameters ?? null,
      strict: tool.strict ?? null,
    })),
    top_logprobs: request.top_logprobs ?? 0,
    top_p: request.top_p ?? null,
    truncation: "disabled" as const,
    user: request.user ?? undefined,
  };
}

function wireUsage(usage: Usage, reasoningTokens: number) {
  const { promptTokens, cachedTokens, completionTokens } = usage;
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: Math.min(reasoningTokens, completionTokens) },
    total_tokens: promptTokens + completionTokens,
  };
}

function nowS(): number {
  return Math.floor(Date.now() / 1000);
}
