import { describe, expect, it } from "vitest";
import { smolModel } from "../../tests/fixtures/index.ts";
import { addModel, measureLoad } from "./test-support/measured-load.ts";
import { openRig } from "./test-support/open-rig.ts";

const contexts = [512, 2048, 8192];
const cacheTypes = ["f16", "q8_0"] as const;
const texts = ["SmolLM2-135M-Instruct.gguf", "tiny-text.gguf", "tiny-think.gguf"];
const table = texts.flatMap((model_path) =>
  contexts.flatMap((ctx_size) =>
    cacheTypes.map((type) => ({ model_path, ctx_size, cache_type_k: type, cache_type_v: type })),
  ),
);
const encoders = ["tiny-embed.gguf", "tiny-rerank.gguf"].flatMap((model_path) =>
  [128, 256, 512].map((ctx_size) => ({ model_path, ctx_size })),
);
const projectors = ["vision", "audio", "omni"].map((sense) => ({
  model_path: "tiny-text.gguf",
  mmproj_path: `tiny-mmproj-${sense}.gguf`,
  ctx_size: 2048,
}));
const others = [
  { model_path: texts[0], ctx_size: 2048, flash_attention: false },
  { model_path: texts[0], ctx_size: 2048, batch_size: 128 },
  { model_path: texts[0], ctx_size: 2048, mlock: false },
];

describe.runIf(process.platform === "linux")("the estimate is within 15 % of what an engine takes", () => {
  for (const parallel of [1, 4])
    it.each([...table, ...encoders, ...projectors, ...others])(`%o, ${parallel} at once`, async (request) => {
      const isLarge = request.model_path === texts[0];
      const rig = await openRig();
      await addModel(rig, await smolModel());
      const measured = await measureLoad(rig, { parallel, ...request }, isLarge ? 530 : undefined);
      console.log(parallel, request, measured);
      expect(measured.ratio).toBeGreaterThan(0.85);
      expect(measured.ratio).toBeLessThan(1.15);
    });
});
