/** Files that a patch of the configuration names for slots: wrong ones are refused as a load would, before they are kept. */
import path from "node:path";
import { z } from "zod";
import { isJsonObject } from "../config/merge-patch.ts";
import { confineModelPath, confineTemplatePath, type ModelFolders } from "../models/model-path.ts";
import type { Runtime } from "../runtime.ts";

const fields = [
  { at: ["model_path"], confine: confineModelPath },
  { at: ["mmproj_path"], confine: confineModelPath },
  { at: ["draft", "model_path"], confine: confineModelPath },
  { at: ["chat_template_file"], confine: confineTemplatePath },
] as const;

/**
 * What stays as it was is not looked at: its file may have gone since. What is no text is left to the schema.
 * @throws GatewayError 400 that names the field
 */
export async function checkWishedPaths(
  patch: Record<string, unknown>,
  { config, environment }: Pick<Runtime, "config" | "environment">,
): Promise<void> {
  if (!isJsonObject(patch.slots)) return;
  const { slots, model_folders: current } = config.current;
  const wanted = z.array(z.string()).safeParse(patch.model_folders);
  const folders: ModelFolders = {
    modelsDir: path.join(environment.dataDir, "models"),
    extra: (wanted.success ? wanted.data : current).map((folder) => path.resolve(folder)),
    cacheDir: environment.cacheDir,
  };
  for (const [port, wish] of Object.entries(patch.slots))
    for (const { at, confine } of fields) {
      const file = valueAt(wish, at);
      if (typeof file !== "string" || file === valueAt(slots[Number(port)], at)) continue;
      await confine(file, folders, ["slots", port, ...at].join("."));
    }
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (isJsonObject(inner) ? inner[key] : undefined), value);
}
