/** Every query, by table. A new table adds its module here and is at once a part of `Database`. */
import { admin } from "./admin.ts";
import { apiKeys } from "./api-keys.ts";
import { auditLog } from "./audit-log.ts";
import { dailyUsage } from "./daily-usage.ts";
import { idempotentAnswers } from "./idempotent-answers.ts";
import { ledger } from "./ledger.ts";
import { openRequests } from "./open-requests.ts";
import type { QueryCall } from "./query.ts";
import { slotRuns } from "./slot-runs.ts";
import { usage } from "./usage.ts";
import { users } from "./users.ts";

export const queryGroups = {
  users,
  apiKeys,
  admin,
  usage,
  dailyUsage,
  auditLog,
  openRequests,
  idempotentAnswers,
  ledger,
  slotRuns,
};

type Groups = typeof queryGroups;

/** The queries as callers see them: `database.users.create(...)`. */
export type QueryCalls = {
  readonly [Group in keyof Groups]: {
    readonly [Name in keyof Groups[Group]]: QueryCall<Groups[Group][Name]>;
  };
};
