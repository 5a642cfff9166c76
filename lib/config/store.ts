/** Opening `config.json`, or creating it. */
import { chmod, mkdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { Environment } from "../env.ts";
import { checkDocument, formatDocument, newDocument, parseDocument, slotPortsOf } from "./document.ts";
import { type ConfigLog, FileConfigStore } from "./file-config-store.ts";
import { readText, replaceFile } from "./replace-file.ts";

export interface ConfigStoreOptions {
  /** Path of `config.json`. */
  file: string;
  environment: Pick<Environment, "adminKey" | "slotBasePort" | "starter">;
  log: ConfigLog;
}

/**
 * Opens the configuration, or creates it.
 * @throws Error that names the file and the path of the wrong value
 */
export async function openConfigStore(options: ConfigStoreOptions): Promise<FileConfigStore> {
  const { environment, log } = options;
  try {
    await mkdir(path.dirname(options.file), { recursive: true, mode: 0o700 });
    const text = await readText(options.file);
    // A link is followed, so that writing replaces what it points to and not the link.
    const file = text === null ? options.file : await realpath(options.file);
    const document =
      text === null ? newDocument(environment.slotBasePort, environment.starter) : parseDocument(text);
    const rules = {
      slotPorts: slotPortsOf(document, environment.slotBasePort),
      adminKey: environment.adminKey,
    };
    const checked = checkDocument(document, rules);
    const written = text === null || checked.generated.length > 0 ? formatDocument(checked.document) : text;
    if (written !== text) await replaceFile(file, written, text);
    await closeToOthers(file, log);
    return new FileConfigStore(file, rules, log, checked, written);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`The configuration in ${options.file} cannot be used. ${message}`, { cause: error });
  }
}

/** Files made by hand are often readable by everybody. */
async function closeToOthers(file: string, log: ConfigLog): Promise<void> {
  if (process.platform === "win32") return;
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return;
  await chmod(file, 0o600);
  log.warn(`${file} holds secrets and could be read by others: it is now its owner's alone.`);
}
