/** How much memory this program's children may lock (mlock): its own limit, which they inherit. */
import { readFile } from "node:fs/promises";

/** CAP_IPC_LOCK of linux/capability.h, which knows no limit. */
const capIpcLock = 1n << 14n;

export async function lockableBytes(): Promise<number> {
  if (process.platform !== "linux") return Number.POSITIVE_INFINITY;
  const read = (name: string) => readFile(`/proc/self/${name}`, "utf8").catch(() => "");
  const [limits, status] = await Promise.all([read("limits"), read("status")]);
  return lockableIn(limits, status);
}

/**
 * @param limits /proc/self/limits
 * @param status /proc/self/status
 */
export function lockableIn(limits: string, status: string): number {
  const capabilities = /^CapEff:\s+([0-9a-f]+)$/m.exec(status)?.[1];
  if (capabilities !== undefined && (BigInt(`0x${capabilities}`) & capIpcLock) !== 0n)
    return Number.POSITIVE_INFINITY;
  const soft = /^Max locked memory\s+(\S+)/m.exec(limits)?.[1];
  return soft !== undefined && /^\d+$/.test(soft) ? Number(soft) : Number.POSITIVE_INFINITY;
}
