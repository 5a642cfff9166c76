/** Keeps the daily sums up to date, a little behind the usage rows: no answer has to wait for them. */
import { failedOnOurSide } from "../../lib/data/outcomes.ts";
import type { FifoLock } from "../../lib/fifo-lock.ts";
import type { Connection } from "./connection.ts";

/** The sums follow when so many rows have come, which takes them well below a millisecond... */
const rowsAtOnce = 250;
/** ...or when the last ones have waited for so long. */
const followAfterMs = 1_000;

const sql = {
  sums: `INSERT INTO daily_usage (day, user_id, key_id, model, requests, errors, prompt_tokens, cached_tokens,
      completion_tokens, cost_nanos, charge_nanos, duration_ms)
    SELECT started_at_ms / 86400000, user_id, key_id, model, count(*), sum(${failedOnOurSide}),
      sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens), sum(cost_nanos), sum(charge_nanos),
      sum(duration_ms)
    FROM usage NOT INDEXED WHERE id > (SELECT last_usage_id FROM daily_usage_state) GROUP BY 1, 2, 3, 4
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, errors = errors + excluded.errors,
      prompt_tokens = prompt_tokens + excluded.prompt_tokens, cached_tokens = cached_tokens + excluded.cached_tokens,
      completion_tokens = completion_tokens + excluded.completion_tokens,
      cost_nanos = cost_nanos + excluded.cost_nanos, charge_nanos = charge_nanos + excluded.charge_nanos,
      duration_ms = duration_ms + excluded.duration_ms`,

  state: `UPDATE daily_usage_state
    SET last_usage_id = max(last_usage_id, ifnull((SELECT max(id) FROM usage), 0))`,
};

export class DailySums {
  readonly #connection: Connection;
  readonly #lock: FifoLock;
  #waitingRows = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: Connection, lock: FifoLock) {
    this.#connection = connection;
    this.#lock = lock;
  }

  /** Call it when usage rows are committed. */
  added(rows: number): void {
    this.#waitingRows += rows;
    if (this.#waitingRows >= rowsAtOnce) this.#follow();
    else this.#timer ??= setTimeout(() => this.#follow(), followAfterMs).unref();
  }

  /** What is left is added by whoever reads, and follows with the first rows after the next start. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** What cannot be written now, as the disk is full, follows with later rows. */
  #follow(): void {
    this.stop();
    this.#timer = undefined;
    this.#waitingRows = 0;
    this.#lock.run(() => this.#write()).catch(() => {});
  }

  #write(): void {
    this.#connection.exec("BEGIN IMMEDIATE");
    try {
      for (const text of [sql.sums, sql.state]) this.#connection.prepare(text).run([]);
      this.#connection.exec("COMMIT");
    } catch (error) {
      if (this.#connection.inTransaction) this.#connection.exec("ROLLBACK");
      throw error;
    }
  }
}
