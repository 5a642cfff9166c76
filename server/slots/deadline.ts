/**
 * Work with a time limit. `AbortSignal.any` with an `AbortSignal.timeout` in it will not do: Node 20 holds the timeout
 * weakly, and after a garbage collection it never comes.
 */

/**
 * Gives `work` a signal that aborts after `ms`, or with `signal`. Settles as `work` does.
 * @param work must reject when its signal aborts
 */
export async function withDeadline<Value>(
  ms: number,
  signal: AbortSignal | null,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const either = new AbortController();
  const onAbort = () => either.abort(signal?.reason);
  const timer = setTimeout(() => either.abort(new DOMException("The time is up.", "TimeoutError")), ms);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await work(either.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
