/** Files in the models folder, and what is kept of how to load them. */
import { readFile } from "node:fs/promises";
import { tinyModels } from "../../../../tests/fixtures/index.ts";
import { type DiskServices, newName, type SuccessfulCalls } from "./call.ts";

/** Puts a text model into the models folder; returns its id. */
export async function placeModel({ place }: DiskServices): Promise<string> {
  const id = newName();
  await place((await tinyModels()).text, `${id}.gguf`);
  return id;
}

export const modelFileCalls: SuccessfulCalls<DiskServices> = {
  deleteModel: async (services) => ({ body: { path: `${await placeModel(services)}.gguf` } }),
  uploadModel: async () => {
    const bytes = Uint8Array.from(await readFile((await tinyModels()).text));
    const headers = {
      "content-type": "application/octet-stream",
      "content-length": String(bytes.length),
    };
    return { query: `name=${newName()}.gguf`, bytes, headers };
  },
  putModelPresets: async (services) => ({
    params: { id: await placeModel(services) },
    body: { presets: { long: { ctx_size: 4096 } }, preset: "long" },
  }),
};
