/** What loading on demand asks of others. */
import type { PlannedEngine } from "../engines/engine.ts";

export interface DemandHelpers {
  /**
   * Whether memory allows a model beside what is loaded.
   * @param unloaded ports of slots that would be empty by then
   * @param beside what would be loaded by then
   * @returns null where it fits, else what is short, in words for admins
   */
  shortage(
    planned: PlannedEngine,
    unloaded: readonly number[],
    beside?: readonly PlannedEngine[],
  ): Promise<string | null>;
  /** How long this model took to load with these settings, in milliseconds; null without a history. */
  learnedLoadMs(planned: PlannedEngine): Promise<number | null>;
}

/** Nothing is known of memory, nor of earlier loads. */
export const noHelpers: DemandHelpers = {
  shortage: async () => null,
  learnedLoadMs: async () => null,
};
