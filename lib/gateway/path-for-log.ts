/** What of a request's address may stand in the log. */

const longestPath = 200;

/** Keys that somebody has put into a path, where they do not belong: only what kind they are is kept. */
const keys = /(sk-|hf_|live-)[\w-]+/g;

/**
 * The path without the query.
 * @param url an absolute one
 */
export function pathForLog(url: string): string {
  const query = url.indexOf("?");
  const end = query === -1 ? url.length : query;
  const start = url.indexOf("/", url.indexOf("//") + 2);
  if (start === -1 || start > end) return "";
  const path = url.slice(start, end);
  return path.slice(0, longestPath).replace(keys, "$1...");
}
