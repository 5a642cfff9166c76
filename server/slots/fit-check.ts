/** Asks, before a model is loaded, whether it fits into the memory that is there. */
import type { Logger } from "pino";
import type { Config } from "../../lib/config/schema.ts";
import type { LearnedRun } from "../../lib/data/slot-runs.ts";
import { GatewayError } from "../../lib/errors.ts";
import { FifoLock } from "../../lib/fifo-lock.ts";
import type { LoadedSlot } from "../../lib/fit/figures.ts";
import { judgeBySize, recommendQuantization } from "../../lib/fit/quantizations.ts";
import { type FitVerdict, judge } from "../../lib/fit/verdict.ts";
import type { SizeFit } from "../../lib/hub/types.ts";
import type { MachineReader } from "../../lib/machine/types.ts";
import type { Catalogue } from "../../lib/models/catalogue.ts";
import type { FitAnswer, LoadRequest } from "../../lib/slots/types.ts";
import { engineMemory } from "./engine-memory.ts";
import type { PlannedEngine } from "./engines/engine.ts";
import { resolveOptions } from "./engines/load-options.ts";
import { fitSettings, shapeAsRun } from "./fit-settings.ts";
import type { DemandHelpers } from "./on-demand/helpers.ts";
import { runFacts } from "./run-facts.ts";
import type { Slot } from "./slot.ts";

/** `database.slotRuns.learned`. */
export type Learned = (modelId: string, fingerprint: string, settings: string) => Promise<LearnedRun | null>;

export interface FitServices {
  slots: () => readonly Slot[];
  catalogue: Pick<Catalogue, "find">;
  machine: MachineReader;
  config: () => Config;
  /** Null where no runs are written down. */
  learned: Learned | null;
  plan(request: LoadRequest): Promise<PlannedEngine>;
  log: Pick<Logger, "warn">;
}

export class FitCheck implements DemandHelpers {
  /** Two that start at once must see each other. */
  readonly #turns = new FifoLock();

  constructor(readonly services: FitServices) {}

  /**
   * Plans with a verdict. Where memory is short, and nobody said how many requests it shall run at once, it runs one.
   * @param port of the slot that it is for, which does not count as loaded
   * @throws GatewayError as the engine's own plan
   */
  plan(request: LoadRequest, port: number | null = null): Promise<PlannedEngine> {
    return this.#turns.run(async () => {
      const planned = await this.#judged(await this.services.plan(request), port);
      if (!isShort(planned.fit) || !this.#mayRunOne(request, planned)) return planned;
      const one = await this.#judged(await this.services.plan({ ...request, parallel: 1 }), port);
      const warning = `It runs one request at once instead of ${planned.parallel}: memory is short.`;
      return { ...one, warnings: [...one.warnings, warning] };
    });
  }

  /** The plan of a start: what does not fit is started all the same, with a warning. */
  async planStart(request: LoadRequest, port: number): Promise<PlannedEngine> {
    const planned = await this.plan(request, port);
    if (!isShort(planned.fit)) return planned;
    this.services.log.warn({ port, model: planned.model.id }, planned.fit.sentence);
    return { ...planned, warnings: [...planned.warnings, planned.fit.sentence] };
  }

  /**
   * @param unloaded ports of slots that would be empty by then
   * @param beside what would be loaded by then
   * @returns null where it fits or nothing can be told, else what is short, in words for admins
   */
  async shortage(
    planned: PlannedEngine,
    unloaded: readonly number[],
    beside: readonly PlannedEngine[] = [],
  ): Promise<string | null> {
    const verdict = await this.#verdict(planned, [], unloaded, beside);
    return isShort(verdict) ? verdict.sentence : null;
  }

  /** What an admin is told who only asks. @param port of the slot that it would replace */
  async answer(request: LoadRequest, port?: number): Promise<FitAnswer> {
    const { model, fit, warnings } = await this.plan(request, port);
    return { model: model.id, verdict: fit ?? null, warnings };
  }

  /** What this machine, as it is now, says to models of a size that are not here yet. */
  async sizeFit(): Promise<SizeFit> {
    const { machine, slots, config } = this.services;
    const [now, loaded] = await Promise.all([machine.read(), loadedSlots(slots(), [], config())]);
    return {
      judge: (sizeBytes) => judgeBySize(sizeBytes, now, loaded),
      recommend: (files) => recommendQuantization(files, now, loaded),
    };
  }

  async learnedLoadMs(planned: PlannedEngine): Promise<number | null> {
    return (await this.#learnedRun(planned))?.loadMs ?? null;
  }

  /** @returns null for a remote, and where it was never loaded so */
  async #learnedRun({ model, settings }: PlannedEngine): Promise<LearnedRun | null> {
    const { learned } = this.services;
    if (!settings || !learned) return null;
    const { fingerprint, settings: text } = await runFacts({ settings });
    return learned(model.id, fingerprint, text);
  }

  async #judged(planned: PlannedEngine, port: number | null): Promise<PlannedEngine> {
    return { ...planned, fit: await this.#verdict(planned, port === null ? [] : [port], []) };
  }

  /** @returns null for a remote, which takes nothing here */
  async #verdict(
    planned: PlannedEngine,
    replaced: readonly number[],
    unloaded: readonly number[],
    beside: readonly PlannedEngine[] = [],
  ): Promise<FitVerdict | null> {
    const { settings } = planned;
    if (!settings) return null;
    const { machine, catalogue, slots } = this.services;
    const [now, model, learned] = await Promise.all([
      machine.read({ fresh: true }),
      catalogue.find(settings.modelFile),
      this.#learnedRun(planned),
    ]);
    const loaded = await loadedSlots(slots(), replaced, this.services.config());
    const freed = loaded.filter(({ port }) => unloaded.includes(port));
    const freedBytes = freed.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
    return judge({
      modelId: planned.model.id,
      shape: model?.shape ? shapeAsRun(model.shape, settings) : null,
      settings: await fitSettings(settings, planned.model, model?.quantization ?? null),
      machine: { ...now, availableBytes: now.availableBytes + freedBytes },
      loaded: [...loaded.filter(({ port }) => !unloaded.includes(port)), ...beside.map(asLoaded)],
      learnedBytes: learned?.memoryBytes ?? null,
    });
  }

  #mayRunOne(request: LoadRequest, { model, parallel }: PlannedEngine): boolean {
    const { model_path: _, remote: __, ...asked } = request;
    return parallel > 1 && resolveOptions(model.id, asked, this.services.config(), []).parallel === undefined;
  }
}

export function isShort(verdict: FitVerdict | null | undefined): verdict is FitVerdict {
  return verdict?.verdict === "fits_with" || verdict?.verdict === "does_not_fit";
}

/** @throws GatewayError 409 with the figures where it does not fit */
export function refuseUnfit({ fit }: Pick<PlannedEngine, "fit">): void {
  if (isShort(fit))
    throw new GatewayError("conflict", `${fit.sentence} With force it is tried all the same.`);
}

/** Engines that run here, start, or will be started again. */
async function loadedSlots(
  slots: readonly Slot[],
  replaced: readonly number[],
  config: Config,
): Promise<LoadedSlot[]> {
  const found = slots.filter(
    (slot) =>
      planOf(slot)?.settings &&
      !replaced.includes(slot.port) &&
      !["empty", "failed"].includes(slot.state.status),
  );
  return Promise.all(
    found.map(async (slot) => {
      const { port, pid } = slot;
      const planned = planOf(slot);
      const memory = pid === null ? null : await engineMemory(pid, planned?.files ?? []);
      const modelId = planned?.model.id ?? "";
      return {
        port,
        modelId,
        requiredBytes: planned?.fit?.requiredBytes ?? memory?.needBytes ?? 0,
        heldBytes: memory?.heldBytes ?? 0,
        isPinned: Object.hasOwn(config.models, modelId) && config.models[modelId]?.pinned === true,
      };
    }),
  );
}

/** A model that has no slot yet, as if it had one. */
function asLoaded({ model, fit }: PlannedEngine): LoadedSlot {
  return {
    port: 0,
    modelId: model.id,
    requiredBytes: fit?.requiredBytes ?? 0,
    heldBytes: 0,
    isPinned: false,
  };
}

/** Before a start has planned for itself, what it was judged by counts. */
function planOf({ planned, expected }: Slot): PlannedEngine | null {
  return planned ?? expected;
}
