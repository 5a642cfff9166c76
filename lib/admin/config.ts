/** What a change of the configuration amounts to. */
import { changedPaths } from "../config/changed-paths.ts";
import { restartFor } from "../config/outline.ts";
import type { Config } from "../config/schema.ts";
import type { ConfigChangeReply } from "./schemas.ts";

/** Which keys differ, and which of them take effect only with a restart of slots or of the gateway. */
export function describeChange(
  next: Config,
  previous: Config,
): Pick<ConfigChangeReply, "changed" | "needs_restart"> {
  const paths = changedPaths(next, previous);
  const textsOf = (some: string[][]) => some.map((path) => path.join(".")).toSorted();
  return {
    changed: textsOf(paths),
    needs_restart: {
      slots: textsOf(paths.filter((path) => restartFor(path) === "slot")),
      gateway: textsOf(paths.filter((path) => restartFor(path) === "gateway")),
    },
  };
}
