/** What models can really do, as admins see it. */
import { testedOf } from "../capability-tests/tested.ts";
import type { Runtime } from "../runtime.ts";
import type { CapabilityTestsReply } from "./schemas/capability-tests.ts";

/**
 * @param modelId one that is known
 * @param pending what is still to be tried of it
 */
export async function capabilityTestsReply(
  modelId: string,
  { capabilityTests, slots }: Pick<Runtime, "capabilityTests" | "slots">,
  pending = capabilityTests.pending(modelId),
): Promise<CapabilityTestsReply> {
  const rows = await capabilityTests.results(modelId);
  const file = (await slots.localModels()).find(({ id }) => id === modelId);
  return {
    model: modelId,
    pending: [...pending],
    tested: testedOf(rows, { id: modelId, fingerprint: file?.fingerprint ?? null }),
  };
}
