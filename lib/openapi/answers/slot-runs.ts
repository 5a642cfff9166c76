/** What the admin API answers of past runs and logs. */
import { z } from "zod";
import { slotRunReply } from "../../admin/schemas/slot-runs.ts";

export const slotHistoryAnswer = z.object({ data: z.array(slotRunReply).describe("Newest first") });
