/** Memory and GPUs as they are now, looked at no more often than every few seconds, however many ask. */
import type { Gpu, Machine, MachineReader } from "../../lib/machine/types.ts";
import { readAmd } from "./gpus/amd.ts";
import { readApple } from "./gpus/apple.ts";
import { readNvidia } from "./gpus/nvidia.ts";
import { lockableBytes } from "./locking.ts";
import { type Memory, readMemory } from "./memory.ts";
import { readProcessor } from "./processor.ts";

/** Reading memory takes well under a millisecond, asking a GPU up to half a second. */
const memoryForMs = 1_000;
const gpusForMs = 5_000;
/** A machine without a GPU hardly gets one. */
const noGpusForMs = 10 * 60_000;

export interface MachineSources {
  memory(): Promise<Memory>;
  /** What does not change while the program runs. */
  fixed(): Promise<Pick<Machine, "processor" | "lockableBytes">>;
  /** Each fails, or finds none, where the machine has no such GPU. */
  gpus: readonly ((memory: Memory) => Promise<Gpu[]>)[];
  nowMs(): number;
}

const thisMachine: MachineSources = {
  memory: readMemory,
  fixed: async () => ({ processor: await readProcessor(), lockableBytes: await lockableBytes() }),
  gpus: [readNvidia, () => readAmd(), readApple],
  nowMs: () => performance.now(),
};

export function createMachineReader(sources: MachineSources = thisMachine): MachineReader {
  const memory = remembered(sources.memory, () => memoryForMs, sources.nowMs);
  const fixed = remembered(sources.fixed, () => Number.POSITIVE_INFINITY, sources.nowMs);
  const gpus = remembered(
    async () => findGpus(sources, await memory()),
    (found) => (found.length > 0 ? gpusForMs : noGpusForMs),
    sources.nowMs,
  );
  return {
    async read({ fresh = false } = {}): Promise<Machine> {
      const looks = [fresh ? sources.memory() : memory(), gpus(), fixed()] as const;
      const [{ totalBytes, availableBytes }, found, rest] = await Promise.all(looks);
      return { totalBytes, availableBytes, gpus: found, ...rest };
    },
  };
}

async function findGpus(sources: MachineSources, memory: Memory): Promise<Gpu[]> {
  const found = await Promise.allSettled(sources.gpus.map((read) => read(memory)));
  return found.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
}

/** One look for all who ask while it is under way, and for as long afterwards as `forMs` says. */
function remembered<Value>(
  look: () => Promise<Value>,
  forMs: (value: Value) => number,
  nowMs: () => number,
): () => Promise<Value> {
  let looking: Promise<Value> | null = null;
  let known: { value: Value; untilMs: number } | null = null;
  return async () => {
    if (known && nowMs() < known.untilMs) return known.value;
    looking ??= look()
      .then((value) => {
        known = { value, untilMs: nowMs() + forMs(value) };
        return value;
      })
      .finally(() => {
        looking = null;
      });
    return looking;
  };
}
