/** What the admin API answers, made of the pieces in lib/admin/schemas.ts. */
import { z } from "zod";
import { slotReply, transactionReply, usageGroupReply } from "../../admin/schemas.ts";

export { userList as userListAnswer } from "../../admin/schemas/people.ts";
export const slotListAnswer = z.object({ slots: z.array(slotReply) });
export const logLinesAnswer = z.object({ data: z.array(z.string()).describe("Oldest first") });
export const deletedKeyAnswer = z.object({ id: z.int(), deleted: z.literal(true) });
export const configAnswer = z
  .record(z.string(), z.unknown())
  .describe("Every key of `config.json`, with secrets masked");
export const configSchemaAnswer = z.record(z.string(), z.unknown()).describe("A JSON schema, draft 2020-12");
export const usageListAnswer = z.object({ data: z.array(usageGroupReply) });
export const transactionListAnswer = z.object({ data: z.array(transactionReply) });
