/** Everything that is kept about one user, as a stream: of each table only one page is in memory. */
import type { AuditEntry } from "../data/audit-log.ts";
import type { LedgerEntry } from "../data/ledger.ts";
import type { Signup } from "../data/signups.ts";
import type { Database } from "../data/types.ts";
import type { ExportedDay, ExportedRequest } from "../data/user-export.ts";
import type { Account, Accounts, ApiKey } from "../money/types.ts";
import { signupReply } from "../signups/decide.ts";
import { auditReply } from "./audit-list.ts";
import { transactionReply, userWithKeys } from "./users.ts";

const pageRows = 500;

interface ExportServices {
  accounts: Accounts;
  database: Pick<Database, "userExport">;
}

/** The JSON text of `userExport` in lib/admin/schemas/people.ts, piece by piece. */
export async function* exportUser(account: Account, services: ExportServices): AsyncGenerator<string> {
  const { accounts } = services;
  const keys = accounts.keysOf(account.id);
  const head = { exported_at: new Date().toISOString(), user: userWithKeys(account, accounts) };
  yield JSON.stringify(head).slice(0, -1);
  yield `,"keys":${JSON.stringify(keys.map(exportedKey))}`;
  for (const [name, pages] of Object.entries(tables(account, keys, services))) {
    yield `,${JSON.stringify(name)}:[`;
    let separator = "";
    for await (const rows of pages) {
      yield separator + rows.map((row) => JSON.stringify(row)).join(",");
      separator = ",";
    }
    yield "]";
  }
  yield "}\n";
}

type Pages = AsyncGenerator<object[]>;

function tables(
  { id, email }: Account,
  keys: readonly ApiKey[],
  { accounts, database: { userExport } }: ExportServices,
): Record<string, Pages> {
  const targets = [`user:${id}`, ...keys.map((key) => `key:${key.id}`)];
  return {
    transactions: pagesOf<LedgerEntry>(
      (last) => userExport.ledger(id, last?.id ?? 0, pageRows),
      transactionReply,
    ),
    requests: pagesOf<ExportedRequest>(
      (last) =>
        userExport.requests(id, { startedAtMs: last?.started_at_ms ?? 0, id: last?.id ?? 0 }, pageRows),
      (row) => row,
    ),
    days: pagesOf<ExportedDay>(
      (last) =>
        userExport.days(
          id,
          { day: last?.day ?? 0, keyId: last?.key_id ?? 0, model: last?.model ?? "" },
          pageRows,
        ),
      (row) => row,
    ),
    signups: pagesOf<Signup>((last) => userExport.signups(id, email, last?.id ?? 0, pageRows), signupReply),
    audit: pagesOf<AuditEntry>(
      (last) => userExport.audit(targets, last?.id ?? 0, pageRows),
      (entry) => auditReply(entry, accounts),
    ),
  };
}

/** Page after page until one is not full. */
async function* pagesOf<Row>(
  next: (last: Row | undefined) => Promise<Row[]>,
  reply: (row: Row) => object,
): Pages {
  let last: Row | undefined;
  for (;;) {
    const rows = await next(last);
    if (rows.length > 0) yield rows.map(reply);
    if (rows.length < pageRows) return;
    last = rows.at(-1);
  }
}

function exportedKey({
  id,
  name,
  prefix,
  kind,
  limits,
  createdAtMs,
  expiresAtMs,
  revokedAtMs,
}: ApiKey): object {
  const time = (atMs: number | null) => (atMs === null ? null : new Date(atMs).toISOString());
  return {
    id,
    name,
    prefix,
    kind,
    limits,
    created_at: time(createdAtMs),
    expires_at: time(expiresAtMs),
    revoked_at: time(revokedAtMs),
  };
}

/** The pieces as a body: the next one is made when the one before has been taken. */
export function streamOf(pieces: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}
