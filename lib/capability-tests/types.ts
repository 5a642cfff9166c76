/** What models can really do, as handlers see it. `server/capability-tests` implements it. */
import type { CapabilityRow } from "../data/capability-tests.ts";

/** Each is tried by requests of its own (checks.ts). */
export const testedCapabilities = [
  "tools",
  "tools_auto",
  "json_schema",
  "reasoning",
  "image",
  "audio",
  "transcription",
  "embedding",
  "image_embedding",
  "rerank",
] as const;
export type TestedCapability = (typeof testedCapabilities)[number];

/** What became of one. */
export interface Verdict {
  works: boolean;
  /** What was seen; where it does not work, what came instead. */
  detail: string;
}

export interface CapabilityTests {
  /** What was found, of one model or of all. */
  results(modelId: string | null): Promise<CapabilityRow[]>;
  /**
   * Tries everything again that this model could be able to do, when the gateway is idle.
   * @returns what will be tried
   * @throws GatewayError 409 where it is not loaded
   */
  retest(modelId: string): readonly TestedCapability[];
  /** What is still to be tried of it. */
  pending(modelId: string): readonly TestedCapability[];
  /** Told of every result. Returns a function that stops it. */
  subscribe(listener: (row: CapabilityRow) => void): () => void;
  /** Gives up what runs; resolves when nothing of it does. */
  stop(): Promise<void>;
}
