import { audit } from "@/lib/admin/audit.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { idParams } from "@/lib/admin/schemas.ts";
import { exportUser, streamOf } from "@/lib/admin/user-export.ts";
import { knownAccount } from "@/lib/admin/users.ts";

export const GET = adminRoute(
  async ({ params, services, actor }) => {
    const account = knownAccount(services.accounts, params.id);
    await audit(services, actor, "user.export", `user:${params.id}`);
    return new Response(streamOf(exportUser(account, services)), {
      headers: {
        "content-type": "application/json",
        "content-disposition": `attachment; filename="user-${params.id}.json"`,
      },
    });
  },
  { params: idParams },
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
