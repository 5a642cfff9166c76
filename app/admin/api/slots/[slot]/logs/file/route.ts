import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { slotParams } from "@/lib/admin/schemas.ts";

export const GET = adminRoute(
  async ({ params: { slot }, services }) => {
    // Without a length, which Next would take away from a stream.
    return new Response(await services.slots.logFile(slot), {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-disposition": `attachment; filename="slot-${slot}.log"`,
      },
    });
  },
  { params: slotParams },
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
