/** How requests end, as SQL has to know it. */
import type { Outcome } from "../money/types.ts";

const failures: readonly Outcome[] = ["engine_failed", "error", "interrupted"];

/** True, in SQL, for a request that failed on our side. */
export const failedOnOurSide = `outcome IN (${failures.map((outcome) => `'${outcome}'`).join(", ")})`;
