/** What a run is recognised by: only equal files with equal settings take the same memory and time. */
import { stat } from "node:fs/promises";
import { fingerprintOf } from "../../lib/models/fingerprint.ts";
import { partNames } from "../../lib/models/model-id.ts";
import type { PlannedEngine } from "./engines/engine.ts";

export interface RunFacts {
  /** Size and time of every file of the model, its projector included; empty where there are none, as for a remote. */
  fingerprint: string;
  /** JSON, with its keys in order: what memory and speed depend on. */
  settings: string;
}

/** Settings that change from start to start, or say only what it is called and where it lies. */
const irrelevant = new Set(["port", "keyFile", "alias", "modelFile"]);

/** Looks at the planned files. One that is gone counts as empty: its engine will say so itself. */
export async function runFacts({ settings }: Pick<PlannedEngine, "settings">): Promise<RunFacts> {
  if (!settings) return { fingerprint: "", settings: "{}" };
  const relevant = Object.entries(settings).filter(([name]) => !irrelevant.has(name));
  const files = filesIn(settings).flatMap(partNames);
  const parts = await Promise.all(files.map(describeFile));
  return { fingerprint: parts.join(" "), settings: canonical(Object.fromEntries(relevant)) };
}

/** Every file that is named anywhere in the settings, but for the key's. */
function filesIn(settings: object): string[] {
  return Object.entries(settings).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === "object" && value !== null) return filesIn(value);
    const isFile = /^file$|File$/.test(name) && name !== "keyFile";
    return isFile && typeof value === "string" ? value : [];
  });
}

async function describeFile(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  return found ? fingerprintOf([{ sizeBytes: found.size, modifiedMs: found.mtimeMs }]) : "gone";
}

/** JSON with the keys of every object in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
