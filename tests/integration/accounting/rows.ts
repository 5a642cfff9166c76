/** Usage rows, and whether there is one for each visit that owes one, and no other. */
import { queryDatabase, type UsageRow } from "../../harness/database.ts";
import type { Visit } from "./visit.ts";

export interface FullUsageRow extends UsageRow {
  user_id: number;
  key_id: number;
  endpoint: string;
  model: string;
  slot_port: number | null;
  cached_tokens: number;
}

export function usageRows(dataDir: string): FullUsageRow[] {
  return queryDatabase<FullUsageRow>(dataDir, "SELECT * FROM usage ORDER BY id");
}

/** What is wrong between visits and rows, in words. */
export function rowFaults(visits: readonly Visit[], rows: readonly FullUsageRow[]): string[] {
  const faults: string[] = [];
  const unclaimed = new Map(rows.map((row) => [row.request_id, row]));
  const anonymous: Visit[] = [];
  for (const visit of visits) {
    if (visit.requestId === null) {
      if (visit.end === "left") anonymous.push(visit);
      else faults.push(describe(visit, undefined, "its connection broke"));
      continue;
    }
    const row = unclaimed.get(visit.requestId);
    unclaimed.delete(visit.requestId);
    for (const fault of faultsOf(visit, row)) faults.push(describe(visit, row, fault));
  }
  return [...faults, ...anonymousFaults(anonymous, [...unclaimed.values()])];
}

function faultsOf(visit: Visit, row: FullUsageRow | undefined): string[] {
  const { question, status, end, asking } = visit;
  if (status === null || !question.statuses.includes(status)) return [`its status is ${status}`];
  if (end === "failed" && !question.mayFail) return ["its answer broke off"];
  if (!owesRow(visit)) return row ? ["it has a row"] : [];
  if (!row) return ["it has no row"];
  const checks: [boolean, string][] = [
    [row.endpoint === question.endpoint && row.model === question.model, "another endpoint or model"],
    [row.user_id === asking.userId && row.key_id === asking.keyId, "another user or key"],
    [(row.streamed === 1) === question.streamed, "another way of sending"],
    [isRightEnd(visit, row), "another outcome"],
    [row.completion_tokens >= visit.pieces, "fewer tokens than the client got"],
    [end !== "whole" || isAsTold(visit, row), "another usage than the client was told"],
  ];
  return checks.filter(([isWell]) => !isWell).map(([, fault]) => fault);
}

/** Whether it was admitted: what is refused before leaves no trace in the books. */
function owesRow({ question, status }: Visit): boolean {
  if (question.endpoint === null) return false;
  return status === 200 || question.refusedByEngine === true || question.mayFail === true;
}

function isRightEnd({ question, end, status }: Visit, { outcome, http_status }: FullUsageRow): boolean {
  const isAnswered = outcome === "ok" && http_status === 200;
  // Who leaves while the last bytes are on their way may have had all of the answer, by the gateway's lights.
  if (end === "left") return isAnswered || (outcome === "client_left" && http_status === 499);
  if (end === "failed") return outcome === "engine_failed" && http_status === 502;
  if (status === 502) return outcome === "engine_failed" && http_status === status;
  if (status === 503 || question.refusedByEngine) return outcome === "refused" && http_status === status;
  return isAnswered;
}

function isAsTold({ usage, question, status }: Visit, row: FullUsageRow): boolean {
  const isFree = question.endpoint === "messages.count_tokens" || [400, 502, 503].includes(status ?? 200);
  if (isFree) return row.prompt_tokens + row.completion_tokens === 0;
  // Not told to who did not ask for it in a stream.
  if (!usage) return question.streamed;
  return (
    row.prompt_tokens === usage.promptTokens &&
    row.cached_tokens === usage.cachedTokens &&
    row.completion_tokens === usage.completionTokens
  );
}

/** Who leaves before the head of an answer knows no id, and may have been gone before it was admitted. */
function anonymousFaults(visits: readonly Visit[], rows: readonly FullUsageRow[]): string[] {
  const most = new Map<string, number>();
  for (const { asking, question } of visits) {
    const group = [asking.keyId, question.endpoint, question.model, question.streamed ? 1 : 0].join(" ");
    most.set(group, (most.get(group) ?? 0) + 1);
  }
  return rows.flatMap((row) => {
    const group = [row.key_id, row.endpoint, row.model, row.streamed].join(" ");
    const leftOver = most.get(group) ?? 0;
    most.set(group, leftOver - 1);
    const isKnown = row.outcome === "client_left" || row.outcome === "ok";
    return leftOver > 0 && isKnown ? [] : [`A row that nobody asked for: ${JSON.stringify(row)}`];
  });
}

function describe({ asking, ...visit }: Visit, row: FullUsageRow | undefined, fault: string): string {
  return `${fault}: ${JSON.stringify({ ...visit, keyId: asking.keyId })} ${JSON.stringify(row ?? null)}`;
}
