/** What an engine's processes take of the machine's memory, from /proc. Null on other systems. */
import { readFile } from "node:fs/promises";

export interface EngineMemory {
  /**
   * All that it needs: what it wrote, mapped models in full, and what is resident of programs and libraries. Weights are
   * mapped files: how much of them is resident at a moment depends on what else the machine does, and two engines with
   * the same model share them, so neither RSS nor PSS says what one of them needs.
   */
  needBytes: number;
  /** What the machine's available memory does not count any more: what it wrote, and what is locked. */
  heldBytes: number;
}

const nothing: EngineMemory = { needBytes: 0, heldBytes: 0 };

/**
 * Of a process and all that it started. Reads a few hundred lines, so not for every look at a slot.
 * @param files real paths of its models, as not all are called so: Hugging Face's cache keeps them as `blobs/SHA256`
 */
export async function engineMemory(pid: number, files: readonly string[]): Promise<EngineMemory | null> {
  if (process.platform !== "linux") return null;
  const maps = await readFile(`/proc/${pid}/smaps`, "utf8").catch(() => null);
  if (maps === null) return null;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const own = memoryIn(maps, files);
  const pids = children.trim().split(" ").filter(Boolean).map(Number);
  const others = await Promise.all(pids.map((child) => engineMemory(child, files)));
  return [own, ...others].reduce<EngineMemory>(
    (sum, one) => ({
      needBytes: sum.needBytes + (one?.needBytes ?? 0),
      heldBytes: sum.heldBytes + (one?.heldBytes ?? 0),
    }),
    nothing,
  );
}

/** A mapping's first line: addresses, rights, offset, device, inode, and the file's path if there is one. */
const firstLine = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ *(.*)$/;
const deleted = / \(deleted\)$/;
const modelName = /\.gguf$/i;

/**
 * @param smaps /proc/PID/smaps: https://docs.kernel.org/filesystems/proc.html
 * @param files models beside those that are called `.gguf`
 */
export function memoryIn(smaps: string, files: readonly string[]): EngineMemory {
  const sum = { ...nothing };
  let isModel = false;
  let mapping: Record<string, number> = {};
  const add = () => {
    const { Size = 0, Rss = 0, Anonymous = 0, Locked = 0 } = mapping;
    const fileBytes = (isModel ? Size : Rss) - Anonymous;
    sum.needBytes += Anonymous + fileBytes;
    sum.heldBytes += Math.max(Anonymous, Locked);
  };
  for (const line of smaps.split("\n")) {
    const file = firstLine.exec(line)?.[1];
    const [, name, kilobytes] = /^(\w+): +(\d+) kB$/.exec(line) ?? [];
    if (file !== undefined) {
      add();
      const path = file.replace(deleted, "");
      isModel = modelName.test(path) || files.includes(path);
      mapping = {};
    } else if (name !== undefined) mapping[name] = Number(kilobytes) * 1024;
  }
  add();
  return sum;
}
