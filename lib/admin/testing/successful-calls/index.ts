/**
 * One call that succeeds for each operation of the admin API that changes something: by it app/admin/api/audit.test.ts
 * sees whether it leaves an entry in the audit log. A new operation gets its call in the file of its area.
 */
import { accountCalls } from "./accounts.ts";
import type { DiskServices, SuccessfulCalls } from "./call.ts";
import { downloadCalls } from "./downloads.ts";
import { measuringCalls } from "./measuring.ts";
import { modelFileCalls } from "./model-files.ts";
import { slotCalls } from "./slots.ts";

export const successfulCalls: SuccessfulCalls<DiskServices> = {
  ...accountCalls,
  ...slotCalls,
  ...modelFileCalls,
  ...measuringCalls,
  ...downloadCalls,
};
