/**
 * What models turned out to be when they were last loaded as requests would load them. A file alone does not tell: the
 * operator's wish may name a projector, or a shorter context.
 */
import { isDeepStrictEqual } from "node:util";
import type { LoadRequest, RoutableModel } from "../../../lib/slots/types.ts";

type Facts = Omit<RoutableModel, "status">;

export class RememberedModels {
  readonly #models = new Map<string, { request: LoadRequest; facts: Facts }>();

  note(request: LoadRequest, facts: Facts): void {
    this.#models.set(facts.id, { request, facts });
  }

  /**
   * Null where it was loaded in another way, or its file has changed.
   * @param request as it would be made now
   */
  find(modelId: string, modifiedS: number, request: () => LoadRequest): Facts | null {
    const known = this.#models.get(modelId);
    if (known?.facts.createdS !== modifiedS) return null;
    return isDeepStrictEqual(known.request, request()) ? known.facts : null;
  }

  forgetAll(): void {
    this.#models.clear();
  }
}
