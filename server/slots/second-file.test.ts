/** A second file of a name comes while the first one runs. */
import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { slotsThatNeed } from "../../lib/models/model-users.ts";
import { tinyModels } from "../../tests/fixtures/index.ts";
import { ask, openRig } from "./test-support/open-rig.ts";
import type { Rig } from "./test-support/rig.ts";

const tiny = await tinyModels();

async function place({ dataDir }: Rig, source: string, at: string): Promise<string> {
  const file = path.join(dataDir, "models", at);
  await mkdir(path.dirname(file), { recursive: true });
  await copyFile(source, file);
  return file;
}

/** Ports of the slots that keep a file from being deleted, whatever the configuration wishes. */
async function needed({ slots, dataDir }: Rig, file: string): Promise<number[]> {
  return slotsThatNeed([file], await slots.snapshot(), { slots: {} }, path.join(dataDir, "models"));
}

it("leaves the first one its id and its file, also after a restart", async () => {
  const rig = await openRig();
  const [port] = rig.ports;
  const first = await place(rig, tiny.text, "one/own.gguf");
  await rig.slots.localModels();
  await rig.slots.load(port, { model_path: "one/own.gguf" }, { wait: false });
  expect(await needed(rig, first)).toEqual([port]);
  const second = await place(rig, tiny.embed, "own.gguf");
  for (const isRestarted of [false, true]) {
    if (isRestarted) await rig.restart();
    await rig.slots.localModels();
    expect(await rig.until(port, "ready")).toMatchObject({ modelName: "own" });
    expect(await ask(rig, "own")).toContain("hello from the tiny test model");
    const own = rig.slots.models().filter(({ id }) => id.startsWith("own"));
    expect(own).toMatchObject([
      { id: "own", type: "text", status: "ready" },
      { id: "own-2", type: "embedding", status: "loadable" },
    ]);
    expect(await needed(rig, first)).toEqual([port]);
    expect(await needed(rig, second)).toEqual([]);
  }
});
