import { describe, expect, it } from "vitest";
import { smolModel } from "../../tests/fixtures/index.ts";
import { addModel, measureLoad } from "./test-support/measured-load.ts";
import { openRig } from "./test-support/open-rig.ts";

/** The wide table is in fit-estimate.slow.test.ts. */
describe.runIf(process.platform === "linux")("the estimate is within 15 % of what an engine takes", () => {
  it("with the tiny models, of which the program is the most", async () => {
    const rig = await openRig();
    for (const request of [
      { model_path: "tiny-text.gguf", ctx_size: 8192, parallel: 4 },
      { model_path: "tiny-embed.gguf", ctx_size: 512 },
    ]) {
      const measured = await measureLoad(rig, request);
      expect(measured.ratio, JSON.stringify(measured)).toBeGreaterThan(0.85);
      expect(measured.ratio, JSON.stringify(measured)).toBeLessThan(1.15);
    }
  });

  it("with the starter model", { timeout: 60_000 }, async () => {
    const rig = await openRig();
    await addModel(rig, await smolModel());
    const options = { ctx_size: 2048, parallel: 2 };
    const measured = await measureLoad(rig, { model_path: "SmolLM2-135M-Instruct.gguf", ...options }, 530);
    expect(measured.ratio, JSON.stringify(measured)).toBeGreaterThan(0.85);
    expect(measured.ratio, JSON.stringify(measured)).toBeLessThan(1.15);
  });
});
