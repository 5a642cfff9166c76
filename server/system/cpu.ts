/** How busy the cores are. */
import { readFile } from "node:fs/promises";
import os from "node:os";
import { type Clock, systemClock } from "../../lib/clock.ts";

/** Time since the system was started, in any unit. */
interface CoreTime {
  busy: number;
  total: number;
}

export interface CpuUse {
  percentPerCore: number[];
  totalPercent: number;
}

/** Shorter spans say nothing: Linux counts in steps of 10 ms. */
const shortestSpanMs = 100;

/** Measures from one look to the next. Who looks at other times needs a meter of its own. */
export class CpuMeter {
  readonly #root: string;
  readonly #clock: Clock;
  #before: readonly CoreTime[] | null = null;
  #beforeMs = Number.NEGATIVE_INFINITY;
  #last: CpuUse | null = null;

  /** @param root where `proc` is */
  constructor(root = "/", clock: Clock = systemClock) {
    this.#root = root;
    this.#clock = clock;
  }

  /** Milliseconds since the last look that counted. */
  sinceLookMs(): number {
    return this.#clock.monotonicMs() - this.#beforeMs;
  }

  /** What was used since the look before; null at the first one. */
  async look(): Promise<CpuUse | null> {
    if (this.sinceLookMs() < shortestSpanMs) return this.#last;
    const now = await coreTimes(this.#root);
    const before = this.#before;
    this.#before = now;
    this.#beforeMs = this.#clock.monotonicMs();
    // A core may have been switched off or on meanwhile.
    this.#last = before?.length === now.length ? shareBetween(before, now) : null;
    return this.#last;
  }
}

function shareBetween(before: readonly CoreTime[], now: readonly CoreTime[]): CpuUse {
  const spans = now.map(({ busy, total }, index) => ({
    busy: Math.max(0, busy - (before[index]?.busy ?? 0)),
    total: Math.max(0, total - (before[index]?.total ?? 0)),
  }));
  const percentPerCore = spans.map(percentOf);
  const sum = (part: keyof CoreTime) => spans.reduce((all, span) => all + span[part], 0);
  return { percentPerCore, totalPercent: percentOf({ busy: sum("busy"), total: sum("total") }) };
}

function percentOf({ busy, total }: CoreTime): number {
  return total > 0 ? Math.min(100, (100 * busy) / total) : 0;
}

/** Node's own list reads /proc/cpuinfo too, and waits for it: on a large machine for tens of milliseconds. */
async function coreTimes(root: string): Promise<CoreTime[]> {
  if (process.platform === "linux") return parseStat(await readFile(`${root}/proc/stat`, "utf8"));
  return os.cpus().map(({ times: { user, nice, sys, irq, idle } }) => {
    const busy = user + nice + sys + irq;
    return { busy, total: busy + idle };
  });
}

/** Lines such as `cpu0 user nice system idle iowait irq softirq steal guest guest_nice` (proc_stat(5)). */
function parseStat(text: string): CoreTime[] {
  return text
    .split("\n")
    .filter((line) => /^cpu\d/.test(line))
    .map((line) => {
      const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = line
        .trim()
        .split(/\s+/)
        .slice(1)
        .map(Number);
      // Time of guests is counted in user and nice already. What the host gave to others is no work of ours.
      const busy = user + nice + system + irq + soft;
      return { busy, total: busy + idle + wait + steal };
    });
}
