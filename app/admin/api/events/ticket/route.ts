import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { eventsProtocol, ticketPrefix } from "@/lib/events/messages.ts";

/** A look, not an action, though it is a POST: two of them get two tickets. So it is not in the audit log. */
export const POST = adminRoute(({ services, caller }) => {
  const { ticket, expiresAtMs } = services.events.issueTicket(caller);
  return Response.json({
    ticket,
    expires_at: new Date(expiresAtMs).toISOString(),
    protocols: [eventsProtocol, ticketPrefix + ticket],
  });
});

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
