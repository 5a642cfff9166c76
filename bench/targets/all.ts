/** The targets of a run, made ready. */
import type { Programs } from "../programs.ts";
import { DirectTarget, ProxyTarget } from "./plain.ts";
import type { Target, TargetName } from "./target.ts";

export interface Targets {
  list: readonly Target[];
  close(): Promise<void>;
}

/** Starts the mock engine, and prepares what is to be measured before it. */
export async function openTargets(
  names: readonly TargetName[],
  programs: Programs,
  folder: string,
): Promise<Targets> {
  const direct = await DirectTarget.launch(programs, folder);
  const list: Target[] = [];
  for (const name of names) {
    if (name === "direct") list.push(direct);
    if (name === "proxy") list.push(await ProxyTarget.prepare(programs, direct.engine, folder));
  }
  return { list, close: () => direct.end() };
}
