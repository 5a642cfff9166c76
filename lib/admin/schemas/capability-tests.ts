/** The admin API on the wire: what models can really do. */
import { z } from "zod";
import { testedReply } from "../../capability-tests/tested.ts";
import { testedCapabilities } from "../../capability-tests/types.ts";

export const capabilityTestsReply = z.object({
  model: z.string(),
  pending: z.array(z.enum(testedCapabilities)).describe("To be tried when the gateway is idle"),
  tested: testedReply,
});
export type CapabilityTestsReply = z.infer<typeof capabilityTestsReply>;
