/** Counting tests, honestly. */

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 * @typedef {object} VitestReport what of Vitest's JSON report is counted
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: unknown[] }[]} testResults by file
 */

/** @type {Tally} */
export const nothing = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {VitestReport} report
 * @param {boolean} succeeded whether Vitest ended with exit code 0
 * @returns {Tally}
 */
export function tallyOf(report, succeeded) {
  // A file that could not even be loaded has no tests, and is a failure all the same.
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    // What failed between the tests, as an unhandled rejection, shows in the exit code alone.
    failed: failed === 0 && !succeeded ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * @param {Tally} left
 * @param {Tally} right
 * @returns {Tally}
 */
export function add(left, right) {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}

/** @param {Tally} tally */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * A run without a test proves nothing, and a test that was skipped on Linux could have run there.
 * @param {Tally} tally
 * @returns {0 | 1}
 */
export function exitCode({ passed, failed, skipped }, platform = process.platform) {
  return passed > 0 && failed === 0 && (skipped === 0 || platform !== "linux") ? 0 : 1;
}
