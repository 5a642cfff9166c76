/** What a soak's clients do. */
import type { ChatTarget } from "../../harness/chat.ts";

/** One kind of traffic. */
export interface VisitKind {
  name: string;
  /** The statuses that its client sees, in their order; none where it leaves before. */
  answers: number[];
  /** How its usage rows must end: one for each request that reached an engine, none for a refusal before. */
  outcomes: Outcome[];
  /** Resolves with the statuses that came. */
  visit(target: ChatTarget): Promise<number[]>;
}

export type Outcome = "ok" | "client_left";

/** Run by llama-server. */
export const localModel = "tiny-text";
