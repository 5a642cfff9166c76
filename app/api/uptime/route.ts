import { readQuery } from "@/lib/admin/read.ts";
import { errorReply, finish, refuse, requestIdOf } from "@/lib/admin/reply.ts";
import { runtime } from "@/lib/runtime.ts";
import { uptimeQuery, uptimeReplyOf } from "@/lib/uptime/schemas.ts";

export const dynamic = "force-dynamic";

/** Public: how much of the last days the gateway was up. */
export async function GET(request: Request): Promise<Response> {
  const requestId = requestIdOf(request);
  try {
    const { days } = readQuery(request.url, uptimeQuery);
    return finish(Response.json(uptimeReplyOf(days, await runtime().uptime.report(days))), requestId);
  } catch (error) {
    return errorReply(error, requestId);
  }
}

const others = refuse("GET, HEAD");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
