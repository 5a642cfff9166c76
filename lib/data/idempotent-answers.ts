/** Table `idempotent_answers`: first answers to requests that their clients named. Settlements write it. */
import { onWriter } from "./query.ts";

export interface FoundAnswer {
  requestHash: Uint8Array;
  contentType: string;
  /** gzip */
  body: Uint8Array;
}

export const idempotentAnswers = {
  /** The answer that this key got under this name since a moment. */
  find: onWriter(
    async (context, keyId: number, nameHash: Uint8Array, sinceMs: number): Promise<FoundAnswer | null> => {
      const [found] = await context.rows<FoundAnswer>(
        `SELECT request_hash AS requestHash, content_type AS contentType, body FROM idempotent_answers
         WHERE key_id = ? AND name_hash = ? AND created_at_ms >= ?`,
        keyId,
        Buffer.from(nameHash),
        sinceMs,
      );
      return found ?? null;
    },
  ),

  /**
   * Forgets what is older, at most so many.
   * @returns how many
   */
  prune: onWriter(async (context, beforeMs: number, atMost: number): Promise<number> => {
    const removed = await context.rows(
      `DELETE FROM idempotent_answers WHERE rowid IN (
         SELECT rowid FROM idempotent_answers WHERE created_at_ms < ? LIMIT ?) RETURNING 1`,
      beforeMs,
      atMost,
    );
    return removed.length;
  }),
};
