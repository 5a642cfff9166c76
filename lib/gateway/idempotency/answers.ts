/**
 * A client may name a request by an `Idempotency-Key`. When it comes again within a day, as its sender does not know what
 * became of the first, it gets the first one's answer and pays nothing. Answers are kept where they were charged: in the
 * same commit.
 */
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { msPerDay } from "../../data/daily-usage.ts";
import type { Database, KeptAnswer } from "../../data/types.ts";
import { GatewayError } from "../../errors.ts";
import { KeptBudget } from "./kept-budget.ts";
import type { NamedRequest } from "./named-request.ts";

export const keptForMs = msPerDay;
const maxKeptBytes = 1024 * 1024;

/** Twins that wait hold their bodies, and no other limit counts them yet. */
const maxWaitingTwins = 8;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** The right to be the one request of its name that is answered now. */
export interface Turn {
  /** The answer as it is kept with the charge; null where it is too large for it, or too much is kept already. */
  keep(body: string, contentType: string): Promise<KeptAnswer | null>;
  /** Lets the next one of the same name go on. */
  end(): void;
}

/** An answer that was given before. */
export interface Replay {
  body: string;
  contentType: string;
}

interface Running {
  requestHash: Buffer;
  ended: Promise<void>;
}

/** One per process: it lives in the runtime. */
export class IdempotentAnswers {
  readonly #database: Pick<Database, "idempotentAnswers">;
  readonly #running = new Map<string, Running>();
  /** By API key. */
  readonly #waiting = new Map<number, number>();
  readonly #budget = new KeptBudget();

  constructor(database: Pick<Database, "idempotentAnswers">) {
    this.#database = database;
  }

  /**
   * The answer that is kept for this request, or else its turn; waits while another of the same name is under way.
   * @param signal aborted when the client leaves
   * @throws GatewayError 422 when the name was given to another request; 429 where too many wait; `client_closed`
   */
  async find(request: NamedRequest, signal: AbortSignal): Promise<Replay | Turn> {
    const id = `${request.keyId}:${request.nameHash.toString("base64")}`;
    for (let twin = this.#running.get(id); twin; twin = this.#running.get(id)) {
      checkSame(twin.requestHash, request);
      await this.#waitFor(twin, request.keyId, signal);
    }
    const turn = this.#take(id, request);
    try {
      const { keyId, nameHash } = request;
      const kept = await this.#database.idempotentAnswers.find(keyId, nameHash, Date.now() - keptForMs);
      if (!kept) return turn;
      checkSame(Buffer.from(kept.requestHash), request);
      const body = await decompress(kept.body);
      turn.end();
      return { body: body.toString("utf8"), contentType: kept.contentType };
    } catch (error) {
      turn.end();
      throw error;
    }
  }

  async #waitFor(twin: Running, keyId: number, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting.get(keyId) ?? 0;
    if (waiting >= maxWaitingTwins)
      throw new GatewayError(
        "rate_limit_exceeded",
        `At most ${maxWaitingTwins} requests may wait for others with the same \`Idempotency-Key\`.`,
        { retryAfterS: 1 },
      );
    this.#waiting.set(keyId, waiting + 1);
    try {
      await unlessAborted(twin.ended, signal);
    } finally {
      const left = (this.#waiting.get(keyId) ?? 1) - 1;
      if (left > 0) this.#waiting.set(keyId, left);
      else this.#waiting.delete(keyId);
    }
  }

  #take(id: string, { keyId, nameHash, requestHash }: NamedRequest): Turn {
    const { promise, resolve } = withResolvers();
    this.#running.set(id, { requestHash, ended: promise });
    return {
      keep: async (body, contentType) => {
        if (Buffer.byteLength(body) > maxKeptBytes) return null;
        const compressed = await compress(body);
        if (!this.#budget.takes(keyId, compressed.length)) return null;
        return { keyId, nameHash, requestHash, contentType, body: compressed, createdAtMs: Date.now() };
      },
      end: () => {
        this.#running.delete(id);
        resolve();
      },
    };
  }
}

function checkSame(known: Buffer, { requestHash }: NamedRequest): void {
  if (!known.equals(requestHash))
    throw new GatewayError(
      "idempotency_key_reused",
      "This `Idempotency-Key` was used for another request within the last 24 hours. Send a new one.",
    );
}

/** Node 20 lacks `Promise.withResolvers`. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function unlessAborted(done: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new GatewayError("client_closed", "The client closed the connection."));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    void done.then(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
  });
}
