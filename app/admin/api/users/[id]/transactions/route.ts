import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { createTransaction, idParams, transactionsQuery } from "@/lib/admin/schemas.ts";
import { knownAccount, transactionReply, userReply } from "@/lib/admin/users.ts";
import { nanosFromDollars } from "@/lib/money/nanos.ts";

export const GET = adminRoute(
  async ({ params, query, services: { accounts, database } }) => {
    knownAccount(accounts, params.id);
    const entries = await database.ledger.ofUser(params.id, query.before ?? null, query.limit);
    return Response.json({ data: entries.map(transactionReply) });
  },
  { params: idParams, query: transactionsQuery },
);

export const POST = adminRoute(
  async ({ body: { kind, amount, reason }, params, services: { accounts }, actor }) => {
    const transaction = { kind, amountNanos: nanosFromDollars(amount) };
    const account = await accounts.addTransaction(params.id, transaction, actor, reason);
    return Response.json(userReply(account), { status: 201 });
  },
  { body: createTransaction, params: idParams },
);

const others = refuse("GET, POST");
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
