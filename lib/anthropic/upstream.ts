/** A checked request as an engine gets it: as a chat, so that any engine understands it. */
import type { Grant, UpstreamRequest } from "../gateway/endpoint.ts";
import { chatUpstream } from "../openai/chat/upstream.ts";
import type { Engine } from "../slots/types.ts";
import type { MessagesCall } from "./to-chat.ts";

/**
 * llama-server does not say in a chat which stop sequence it met, or whether any. So it is not told of them: the readers
 * end the answer (block-writer.ts), and what was written by then it counts at every token. From a remote the counts
 * come only at the end, so it has to stop by itself.
 * @throws GatewayError 400 where this engine cannot do what the call asks
 */
export function messagesUpstream(call: MessagesCall, grant: Grant, engine: Engine): UpstreamRequest {
  if (engine.kind === "remote") return chatUpstream(call.chat, grant, engine);
  const thinking = call.asksToThink ? { enable_thinking: true } : undefined;
  return chatUpstream({ ...call.chat, stop: undefined, chat_template_kwargs: thinking }, grant, engine);
}
