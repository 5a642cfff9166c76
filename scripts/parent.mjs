/** Ends with npm: a script that npm runs must not outlive it. */

const pollMs = 500;

/**
 * Sends this process SIGTERM when the one that started it has ended. npm passes its own SIGTERM on only to the shell
 * that it starts a script with, and nothing at all when it is killed. Windows gives no sign of either.
 */
export function endWithParent() {
  if (process.env.npm_lifecycle_event === undefined || process.platform === "win32") return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, pollMs);
  watch.unref();
}
