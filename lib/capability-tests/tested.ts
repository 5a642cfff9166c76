/** What was found of a model, as the API shows it beside the model. */
import { z } from "zod";
import type { CapabilityRow } from "../data/capability-tests.ts";
import { beginsWith } from "../models/fingerprint.ts";
import { testedCapabilities } from "./types.ts";

export const testedReply = z
  .partialRecord(
    z.enum(testedCapabilities),
    z.object({
      works: z.boolean(),
      detail: z.string().describe("What was seen; where it does not work, what came instead"),
      at: z.iso.datetime(),
      request_id: z
        .string()
        .describe("Of the gateway's own request, as it stands in the log; it is not charged"),
    }),
  )
  .describe("What the model was seen to do, or not, by capability; what was not tried is absent");
export type TestedReply = z.infer<typeof testedReply>;

/**
 * @param rows of one model or of many
 * @param model results of other files under its name do not count. No fingerprint: it has no files here
 */
export function testedOf(
  rows: readonly CapabilityRow[],
  model: { id: string; fingerprint: string | null },
): TestedReply {
  const { id, fingerprint } = model;
  const own = rows.filter(
    (row) => row.modelId === id && (fingerprint === null || beginsWith(row.fingerprint, fingerprint)),
  );
  const entries = own.map(({ capability, works, detail, atMs, requestId }) => [
    capability,
    { works, detail, at: new Date(atMs).toISOString(), request_id: requestId },
  ]);
  return testedReply.parse(Object.fromEntries(entries));
}
