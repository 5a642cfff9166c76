import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { Catalogue } from "../../../lib/models/catalogue.ts";
import { whisperFile } from "../../../lib/models/testing/whisper-file.ts";
import { tinyModels } from "../../../tests/fixtures/index.ts";
import { MemoryConfig } from "../test-support/memory-config.ts";
import { createDataDir } from "../test-support/rig.ts";
import { planLlama } from "./llama-plan.ts";

it("a Whisper file is not given to llama-server, which would end over it", async () => {
  const dataDir = await createDataDir(await tinyModels());
  try {
    const modelsDir = path.join(dataDir, "models");
    await writeFile(path.join(modelsDir, "ggml-tiny.en.bin"), whisperFile());
    const folders = { modelsDir, extra: [], cacheDir: modelsDir };
    const catalogue = new Catalogue(() => folders, path.join(dataDir, "facts.json"));
    const { current } = new MemoryConfig({}, {});
    await expect(planLlama({ model_path: "ggml-tiny.en.bin" }, current, catalogue)).rejects.toMatchObject({
      status: 422,
      message: expect.stringMatching(/Whisper model .* there is no engine yet/),
    });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
