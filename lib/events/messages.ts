/** What goes over the events socket, and what opens it. */
import { z } from "zod";

const topics = z.array(z.string().min(1).max(200)).max(50);

export const clientMessage = z
  .strictObject({ subscribe: topics.default([]), unsubscribe: topics.default([]) })
  .refine(({ subscribe, unsubscribe }) => subscribe.length + unsubscribe.length > 0, {
    error: "needs topics in `subscribe` or `unsubscribe`",
  });

/** The protocol of the socket, which a browser offers beside its ticket. */
export const eventsProtocol = "llm-gateway.events";

/** Before a ticket, where that is offered as a protocol: browsers can send nothing else with a WebSocket. */
export const ticketPrefix = "ticket.";

export const ticketReply = z.object({
  ticket: z.string().describe("Good once"),
  expires_at: z.iso.datetime(),
  protocols: z.array(z.string()).describe("What to open the socket with: `new WebSocket(url, protocols)`"),
});
