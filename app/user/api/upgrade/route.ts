import { refuse } from "@/lib/admin/reply.ts";
import { userRoute } from "@/lib/admin/route.ts";
import { upgradeRequest } from "@/lib/signups/schemas.ts";
import { submitUpgrade } from "@/lib/signups/submit.ts";

export const POST = userRoute(
  async ({ body, services, caller }) => {
    services.signupAttempts.count(`user:${caller.account.id}`, performance.now());
    return Response.json(await submitUpgrade(body, caller.account, services));
  },
  { body: upgradeRequest },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
