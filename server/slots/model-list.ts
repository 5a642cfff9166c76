/** Keeps the list of models that requests are routed by. */
import type { Logger } from "pino";
import type { Config } from "../../lib/config/schema.ts";
import type { Catalogue, CatalogueModel } from "../../lib/models/catalogue.ts";
import type { RoutableModel } from "../../lib/slots/types.ts";
import { routableModels } from "./routable-models.ts";
import type { Slot } from "./slot.ts";

export class ModelList {
  #local: readonly CatalogueModel[] = [];
  #models: readonly RoutableModel[] | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    readonly catalogue: Catalogue,
    readonly slots: readonly Slot[],
    readonly config: () => Config,
    readonly log: Logger,
  ) {}

  /** The same array until something changed. */
  current(): readonly RoutableModel[] {
    this.#models ??= routableModels(
      this.slots.flatMap((slot) => slot.model() ?? []),
      this.#local,
      this.config().default_ctx_size,
    );
    return this.#models;
  }

  /** Call it after every change of a slot or of the configuration. */
  invalidate(): void {
    this.#models = null;
  }

  /** Looks at the disk. */
  async scan(): Promise<readonly CatalogueModel[]> {
    this.#local = await this.catalogue.list();
    this.invalidate();
    return this.#local;
  }

  /** Looks at the disk now and then, for files that were put there by hand. */
  start(everyMs: number): void {
    const look = () => {
      this.#looking = this.scan().then(
        () => undefined,
        (error) => this.log.error(error, "The models folder could not be read."),
      );
    };
    look();
    this.#timer = setInterval(look, everyMs);
    this.#timer.unref();
  }

  /** Resolves when it does not touch the disk any more. */
  stop(): Promise<void> {
    clearInterval(this.#timer);
    return this.#looking;
  }
}
