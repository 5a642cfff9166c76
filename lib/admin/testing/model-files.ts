/** Model files in a temporary data folder, behind the admin API. */
import { copyFile, mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { Catalogue } from "../../models/catalogue.ts";
import { type AdminServices, openServices } from "./services.ts";

export interface ModelFilesRig {
  services: AdminServices;
  /** Absolute. */
  modelsDir: string;
  /** Absolute; an extra folder. */
  extraDir: string;
  /** Copies a file to a path below the models folder; returns its absolute path. */
  place(source: string, at: string): Promise<string>;
  /** Paths of all files in the models folder, with `/`, in order. */
  files(): Promise<string[]>;
}

/** Services whose slots look at the disk. */
export async function openModelFiles(): Promise<ModelFilesRig> {
  const services = await openServices();
  const { dataDir, cacheDir } = services.environment;
  const modelsDir = path.join(dataDir, "models");
  const extraDir = path.join(dataDir, "extra");
  for (const folder of [modelsDir, extraDir]) await mkdir(folder, { recursive: true });
  const folders = { modelsDir, extra: [extraDir], cacheDir };
  const catalogue = new Catalogue(() => folders, path.join(dataDir, "facts.json"));
  services.slots.localModels = async () => [...(await catalogue.list())];
  return {
    services,
    modelsDir,
    extraDir,
    async place(source, at) {
      const file = path.join(modelsDir, at);
      await mkdir(path.dirname(file), { recursive: true });
      await copyFile(source, file);
      return file;
    },
    async files() {
      const entries = await readdir(modelsDir, { recursive: true, withFileTypes: true });
      const found = entries.filter((entry) => !entry.isDirectory());
      return found.map((entry) => path.relative(modelsDir, path.join(entry.parentPath, entry.name))).sort();
    },
  };
}
