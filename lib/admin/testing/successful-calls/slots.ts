/** What slots run, and by which names. */
import type { AdminServices } from "../services.ts";
import { newName, type SuccessfulCalls } from "./call.ts";

const loaded = async ({ slots }: AdminServices, slot: number) => {
  await slots.load(slot, { model_path: "m.gguf" });
  return { params: { slot: String(slot) } };
};

export const slotCalls: SuccessfulCalls = {
  loadModel: () => ({ body: { slot: 4801, model_path: "m.gguf" } }),
  unloadSlot: (services) => loaded(services, 4802),
  restartSlot: (services) => loaded(services, 4803),
  retrySlot: ({ slots }) => {
    slots.fail(4804, { error: "Out of memory.", cause: "out_of_memory", nextStep: null });
    return { params: { slot: "4804" }, body: { change: { ctx_size: 512 } } };
  },
  switchAlias: async ({ config }) => {
    const alias = newName();
    await config.patch({ aliases: { [alias]: "old" } });
    return { body: { alias, model_path: "new.gguf", slot: 4805 } };
  },
};
