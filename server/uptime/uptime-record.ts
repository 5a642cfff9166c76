/** Writes down when the gateway is up, so that it is known afterwards when it was down. */
import type { Logger } from "pino";
import { type Clock, systemClock } from "../../lib/clock.ts";
import type { Database } from "../../lib/data/types.ts";
import type { Stretch } from "../../lib/uptime/daily.ts";

/** What a `kill -9` takes at most from the record of having been up. */
const everyMs = 15_000;

/**
 * How far the wall clock may get ahead of, or behind, the time that passed before it counts as set. Time servers correct
 * smaller errors all the time.
 */
const toleranceMs = 2_000;

/** An earlier time is that of a machine without a clock of its own, before it has asked a time server. */
const earliestMs = Date.UTC(2025, 0, 1);

interface Running extends Stretch {
  /** Null while it could not be written. */
  id: number | null;
  monotonicMs: number;
}

export interface UptimeRecordOptions {
  database: Pick<Database, "uptimeSpans">;
  log: Pick<Logger, "error">;
  clock?: Clock;
}

export class UptimeRecord {
  readonly #options: UptimeRecordOptions;
  readonly #clock: Clock;
  #running: Running | null = null;
  /** Stretches that a clock which was set has ended, and that are still to be written. */
  #ended: Running[] = [];
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #isFailing = false;

  constructor(options: UptimeRecordOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** From now on the gateway is up. Resolves when that is written. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.beat(), everyMs).unref();
    await this.beat();
  }

  /** The gateway is up no more. Resolves when that is written. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.beat();
    this.#running = null;
  }

  /** Moves the end of the current stretch on. Resolves when that is written, or cannot be. */
  beat(): Promise<void> {
    this.#advance();
    const stretches = [...this.#ended.splice(0), ...(this.#running ? [this.#running] : [])];
    this.#writing = this.#writing.then(async () => {
      for (const stretch of stretches) await this.#write(stretch);
    });
    return this.#writing;
  }

  /** The current stretch up to now; null while the gateway is not up. */
  current(): Stretch | null {
    if (this.#running) this.#advance();
    return this.#running && { fromMs: this.#running.fromMs, toMs: this.#running.toMs };
  }

  /**
   * Moves on by the clock. Where that was set, or the machine slept, a new stretch begins: time that the machine did not
   * live through is not time in which it served.
   */
  #advance(): void {
    const [wallMs, monotonicMs] = [this.#clock.wallMs(), this.#clock.monotonicMs()];
    const running = this.#running;
    if (running && this.#skewMs(running) <= toleranceMs) {
      running.toMs = Math.max(running.toMs, wallMs);
      running.monotonicMs = monotonicMs;
      return;
    }
    if (running) this.#ended.push(running);
    // What passed since the last beat it did live through, whenever in it the clock was set.
    const fromMs = wallMs - (running ? monotonicMs - running.monotonicMs : 0);
    this.#running = wallMs < earliestMs ? null : { id: null, fromMs, toMs: wallMs, monotonicMs };
  }

  /** Between the end of a stretch and now: by how much the wall clock and the time that passed differ. */
  #skewMs({ toMs, monotonicMs }: Running): number {
    return Math.abs(this.#clock.wallMs() - toMs - (this.#clock.monotonicMs() - monotonicMs));
  }

  async #write(stretch: Running): Promise<void> {
    const { database, log } = this.#options;
    try {
      stretch.id ??= await database.uptimeSpans.begin(stretch.fromMs);
      await database.uptimeSpans.extend(stretch.id, stretch.toMs);
      this.#isFailing = false;
    } catch (error) {
      // As while the disk is full. The next one that succeeds covers the time since.
      if (!this.#isFailing) log.error(error, "The record of the uptime could not be written.");
      this.#isFailing = true;
    }
  }
}
