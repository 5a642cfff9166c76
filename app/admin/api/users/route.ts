import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { usersQuery } from "@/lib/admin/schemas/people.ts";
import { createUser } from "@/lib/admin/schemas.ts";
import { listUsers, userReply } from "@/lib/admin/users.ts";
import { nanosFromDollars } from "@/lib/money/nanos.ts";

export const GET = adminRoute(({ query, services }) => Response.json(listUsers(services.accounts, query)), {
  query: usersQuery,
});

export const POST = adminRoute(
  async ({ body, services, actor }) => {
    const { email, tier, limits, reason = "New user" } = body;
    const balance = body.balance ?? services.config.current.tiers[tier].start_balance;
    const user = { email, tier, limits, balanceNanos: nanosFromDollars(balance) };
    const { account, apiKey } = await services.accounts.createUser(user, actor, reason);
    return Response.json({ ...userReply(account), api_key: apiKey });
  },
  { body: createUser },
);

const others = refuse("GET, POST");
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
