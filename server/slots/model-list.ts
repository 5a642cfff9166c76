/** Keeps the list of models that requests are routed by. */
import type { Logger } from "pino";
import type { Config } from "../../lib/config/schema.ts";
import type { Catalogue, CatalogueModel } from "../../lib/models/catalogue.ts";
import type { RoutableModel } from "../../lib/slots/types.ts";
import { wishedFirst } from "./on-demand/demand.ts";
import { factsOfFile, routableModels } from "./routable-models.ts";
import type { Slot } from "./slot.ts";

export interface ModelListServices {
  catalogue: Catalogue;
  slots: readonly Slot[];
  config: () => Config;
  /** What a file was when it was last loaded as it would be loaded on demand; null where it was not. */
  remembered(model: CatalogueModel): Omit<RoutableModel, "status"> | null;
  log: Logger;
}

export class ModelList {
  #local: readonly CatalogueModel[] = [];
  #models: readonly RoutableModel[] | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(readonly services: ModelListServices) {}

  /** The same array until something changed. */
  current(): readonly RoutableModel[] {
    const { slots, remembered, config, catalogue } = this.services;
    this.#models ??= routableModels(
      slots.flatMap((slot) => slot.model() ?? []),
      wishedFirst(this.#local, config(), catalogue.folders().modelsDir),
      (model) => remembered(model) ?? factsOfFile(model, config()),
    );
    return this.#models;
  }

  /** A model on the disk, as it was last looked at. */
  find(modelId: string): CatalogueModel | undefined {
    return this.#local.find(({ id }) => id === modelId);
  }

  /** Call it after every change of a slot or of the configuration. */
  invalidate(): void {
    this.#models = null;
  }

  /** Looks at the disk. */
  async scan(): Promise<readonly CatalogueModel[]> {
    this.#local = await this.services.catalogue.list();
    this.invalidate();
    return this.#local;
  }

  /** Looks at the disk now and then, for files that were put there by hand. */
  start(everyMs: number): void {
    const look = () => {
      this.#looking = this.scan().then(
        () => undefined,
        (error) => this.services.log.error(error, "The models folder could not be read."),
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
