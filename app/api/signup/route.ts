import { refuse } from "@/lib/admin/reply.ts";
import { publicRoute } from "@/lib/admin/route.ts";
import { clientAddress } from "@/lib/client-address.ts";
import { signupRequest } from "@/lib/signups/schemas.ts";
import { refuseClosedSignup, submitSignup } from "@/lib/signups/submit.ts";

export const POST = publicRoute(
  (request, services) => {
    refuseClosedSignup(services);
    const address = clientAddress(request.headers, services.config.current.trusted_proxies);
    services.signupAttempts.count(address, performance.now());
  },
  async ({ body, services }) => Response.json(await submitSignup(body, services)),
  { body: signupRequest },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
