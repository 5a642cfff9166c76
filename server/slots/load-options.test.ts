import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { answerOf, ask, lease, openRig, refusal, text } from "./test-support/open-rig.ts";

describe("load options", () => {
  it("reach the engine: a draft model guesses, and the context is stored as told", async () => {
    const rig = await openRig();
    await rig.slots.load(rig.ports[0], {
      ...text,
      parallel: 1,
      cache_type_k: "f16",
      cache_type_v: "bf16",
      flash_attention: true,
      mlock: false,
      batch_size: 256,
      ubatch_size: 64,
      reasoning_format: "deepseek",
      reasoning_budget: 0,
      draft: { model_path: "tiny-think.gguf", max_tokens: 4 },
      extra: { "--rope-scaling": "yarn", "--rope-scale": 2, "--swa-full": true },
    });
    const turn = await lease(rig);
    const answer = await answerOf(turn);
    turn.release();
    expect(answer).toContain("hello from the tiny test model");
    expect(answer).toMatch(/"draft_n":[1-9]/);
    const [{ pid } = { pid: null }] = await rig.slots.snapshot();
    const argv = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").join(" ");
    expect(argv).toContain("--cache-type-k f16 --cache-type-v bf16");
    expect(argv).toContain("--batch-size 256 --ubatch-size 64");
    expect(argv).toContain("--rope-scaling yarn --rope-scale 2 --swa-full");
    expect(argv).not.toContain("mlock");
  });

  it("take a chat template from a file in the models folder", async () => {
    const rig = await openRig();
    await writeFile(path.join(rig.dataDir, "models", "count.jinja"), "one two three");
    await rig.slots.load(rig.ports[0], { ...text, chat_template_file: "count.jinja" });
    expect(await ask(rig)).toContain("four five");
  });
});

describe("a preset", () => {
  const presets = { narrow: { ctx_size: 256, parallel: 1 }, wide: { ctx_size: 1024 } };
  const models = { "tiny-text": { presets } };

  it("named in a load is used, and offered from then on", async () => {
    const { slots, ports, config } = await openRig({ config: { models } });
    expect(await slots.load(ports[0], { ...text, preset: "narrow" })).toMatchObject({
      ctxSize: 256,
      parallel: 1,
    });
    expect(config.current.models["tiny-text"]).toMatchObject({ preset: "narrow", presets });
    expect(await slots.load(ports[1], text)).toMatchObject({ ctxSize: 256 });
    const wider = await slots.load(ports[2], { ...text, preset: "wide", ctx_size: 512 });
    expect(wider.ctxSize).toBe(512);
    expect(config.current.models["tiny-text"]?.preset).toBe("wide");
  });

  it("that is not there is refused, and nothing is started", async () => {
    const { slots, ports, config } = await openRig({ config: { models } });
    const error = await refusal(slots.load(ports[0], { ...text, preset: "huge" }));
    expect([error.status, error.options.param]).toEqual([400, "preset"]);
    expect(error.message).toContain("narrow, wide");
    expect(config.current.slots[ports[0]]).toBeNull();
    expect((await slots.snapshot())[0]?.status).toBe("empty");
  });
});
