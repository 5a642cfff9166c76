/** What a change of the configuration amounts to. */
import { changedPaths } from "../config/changed-paths.ts";
import { isJsonObject } from "../config/merge-patch.ts";
import { restartFor } from "../config/outline.ts";
import type { Config } from "../config/schema.ts";
import { maskSecrets } from "../config/secrets.ts";
import { normaliseModelName } from "../gateway/choose-model.ts";
import type { SlotSnapshot } from "../slots/types.ts";
import type { ConfigChangeReply } from "./schemas.ts";

type Paths = readonly (readonly string[])[];

/**
 * Which keys differ, and which of them take effect only with a restart of slots or of the gateway.
 * @param running the slots as they are now, to name those that a restart would change
 */
export function describeChange(
  next: Config,
  previous: Config,
  running: readonly SlotSnapshot[],
): Pick<ConfigChangeReply, "changed" | "needs_restart"> {
  const paths = changedPaths(next, previous);
  const ofSlots = paths.filter((path) => restartFor(path) === "slot");
  return {
    changed: textsOf(paths),
    needs_restart: {
      slots: textsOf(ofSlots),
      gateway: textsOf(paths.filter((path) => restartFor(path) === "gateway")),
      running: running.flatMap((slot) => concerned(slot, ofSlots, next)),
    },
  };
}

type Concerned = ConfigChangeReply["needs_restart"]["running"][number];

/** What a slot would do otherwise after a restart; a remote is run by somebody else. */
function concerned({ port, status, modelName }: SlotSnapshot, paths: Paths, config: Config): Concerned[] {
  if (status === "empty" || modelName === null || config.slots[port]?.remote) return [];
  const name = normaliseModelName(modelName);
  const keys = paths.filter(
    ([section, model]) => section !== "models" || normaliseModelName(model ?? "") === name,
  );
  return keys.length > 0 ? [{ slot: port, model: modelName, keys: textsOf(keys) }] : [];
}

/** The change for the audit log: each key with its value before and after, secrets masked. */
export function auditedChange(next: Config, previous: Config): Record<string, unknown> {
  const [before, after] = [maskSecrets(previous), maskSecrets(next)];
  const paths = changedPaths(next, previous);
  const values = (config: unknown) =>
    Object.fromEntries(paths.map((path) => [path.join("."), valueAt(config, path) ?? null]));
  return { before: values(before), after: values(after) };
}

function textsOf(paths: Paths): string[] {
  return paths.map((path) => path.join(".")).toSorted();
}

function valueAt(config: unknown, path: readonly string[]): unknown {
  let value = config;
  for (const key of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}
