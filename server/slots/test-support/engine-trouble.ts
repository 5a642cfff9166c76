/** Ways in which an engine comes to grief, and what can be seen of it. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Dispatcher } from "undici";
import type { Lease, SlotSnapshot } from "../../../lib/slots/types.ts";
import { eventually, type Rig } from "./rig.ts";

export function kill({ pid }: SlotSnapshot, signal: NodeJS.Signals): void {
  if (pid === null) throw new Error("There is no process.");
  process.kill(pid, signal);
}

/** Stops an engine without ending it, with all its threads. */
export async function freeze(snapshot: SlotSnapshot): Promise<void> {
  kill(snapshot, "SIGSTOP");
  const tasks = `/proc/${snapshot.pid}/task`;
  const isStopped = async (thread: string) =>
    /^State:\s+T/m.test(await readFile(`${tasks}/${thread}/status`, "utf8"));
  await eventually("every thread is stopped", async () => {
    const stopped = await Promise.all((await readdir(tasks)).map(isStopped));
    return stopped.every(Boolean) || undefined;
  });
}

/** The same slot, ready with another process. */
export function renewed({ slots }: Rig, before: SlotSnapshot): Promise<SlotSnapshot> {
  return eventually("the engine is started again", async () => {
    const [snapshot] = (await slots.snapshot()).filter(({ port }) => port === before.port);
    return snapshot?.status === "ready" && snapshot.pid !== before.pid ? snapshot : undefined;
  });
}

/** A stream that goes on until the context is full. */
export function stream({ engine }: Lease): Promise<Dispatcher.ResponseData> {
  const body = JSON.stringify({ stream: true, messages: [{ role: "user", content: "one two three" }] });
  return engine.pool.request({ method: "POST", path: "/v1/chat/completions", headers: engine.headers, body });
}

/** Makes the engine fail as the machine would: a program in front of llama-server decides. */
export async function wrapEngine({ dataDir, environment }: Rig, script: string): Promise<void> {
  const wrapper = path.join(dataDir, "wrapper");
  const real = environment.llamaServer ?? "";
  const program = `#!/bin/sh\n[ "$1" = --help ] && exec '${real}' --help\n${script}\nexec '${real}' "$@"\n`;
  await writeFile(wrapper, program, { mode: 0o755 });
  environment.llamaServer = wrapper;
}
