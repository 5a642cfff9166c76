/** The parts of Anthropic's `message` that streamed and whole answers share. */
import { randomBytes } from "node:crypto";
import type { Usage } from "../openai/usage.ts";

export type ContentBlock =
  | { type: "text"; text: string }
  | { type: "thinking"; thinking: string; signature: string }
  | { type: "tool_use"; id: string; name: string; input: unknown };

export type BlockDelta =
  | { type: "text_delta"; text: string }
  | { type: "thinking_delta"; thinking: string }
  | { type: "input_json_delta"; partial_json: string };

export interface Ending {
  stop_reason: "end_turn" | "max_tokens" | "stop_sequence" | "tool_use" | "refusal";
  stop_sequence: string | null;
}

/** @param ending null while it is not known */
export function wireMessage(
  modelId: string,
  content: readonly ContentBlock[],
  ending: Ending | null,
  usage: Usage,
) {
  return {
    id: newId("msg"),
    type: "message",
    role: "assistant",
    model: modelId,
    content,
    stop_reason: ending?.stop_reason ?? null,
    stop_sequence: ending?.stop_sequence ?? null,
    usage: wireUsage(usage),
  };
}

/** Anthropic counts the cached part of a prompt apart. Engines cache by themselves, at no charge, so nothing is "created". */
export function wireUsage({ promptTokens, cachedTokens, completionTokens }: Usage) {
  return {
    input_tokens: Math.max(0, promptTokens - cachedTokens),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedTokens,
    output_tokens: completionTokens,
  };
}

/** An id as Anthropic's: `msg_` or `toolu_`, and something random. */
export function newId(prefix: "msg" | "toolu"): string {
  return `${prefix}_${randomBytes(12).toString("hex")}`;
}
