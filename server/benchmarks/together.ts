/** Several requests at once, of which one that fails ends the others. */

/**
 * Does the work `count` times at once. Resolves, or rejects, when nothing of it runs any more.
 * @throws what the first one to fail has thrown
 */
export async function together<Value>(
  count: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value[]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  let cause: unknown;
  const attempt = async () => {
    try {
      return await work(either);
    } catch (error) {
      if (!failed.signal.aborted) cause = error;
      failed.abort();
      throw error;
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: count }, attempt));
  if (failed.signal.aborted) throw cause;
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}
