/** What comes over a connection, in pieces that are worth a write. */
import { connectionTrouble } from "./trouble.ts";

/** So many bytes, or what came in a second: what a `kill -9` loses at most. */
const batchBytes = 1024 * 1024;
const batchMs = 1_000;

/**
 * Batches of chunks. What came before the connection broke is given before the error.
 * @throws Trouble where it breaks off
 */
export async function* batchesOf(body: AsyncIterable<Buffer>, host: string): AsyncGenerator<Buffer[], void> {
  let batch: Buffer[] = [];
  let sizeBytes = 0;
  let startedMs = performance.now();
  let trouble: Error | null = null;
  try {
    for await (const chunk of body) {
      batch.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes < batchBytes && performance.now() - startedMs < batchMs) continue;
      yield batch;
      batch = [];
      sizeBytes = 0;
      startedMs = performance.now();
    }
  } catch (error) {
    trouble = connectionTrouble(host, error);
  }
  if (batch.length > 0) yield batch;
  if (trouble) throw trouble;
}
