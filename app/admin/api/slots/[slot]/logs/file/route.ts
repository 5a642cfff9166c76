import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { slotParams } from "@/lib/admin/schemas.ts";

export const GET = adminRoute(
  async ({ params: { slot }, services }) => {
    const { sizeBytes, stream } = await services.slots.logFile(slot);
    return new Response(stream, {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-length": String(sizeBytes),
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
