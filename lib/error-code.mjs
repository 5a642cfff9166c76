/** Plain JavaScript, because `scripts/prepare.mjs` needs it before dependencies exist. */

/**
 * Node's code of a failed system call, as `ENOENT`.
 * @param {unknown} error
 */
export function errorCode(error) {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
