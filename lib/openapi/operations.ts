/** Every operation of the document. A new endpoint gets its entry in one of these lists. */
import type { Operation } from "./operation.ts";
import { backupOperations } from "./paths/admin-backups.ts";
import { configOperations } from "./paths/admin-config.ts";
import { fitOperations } from "./paths/admin-fit.ts";
import { hubOperations } from "./paths/admin-hub.ts";
import { measuringOperations } from "./paths/admin-measuring.ts";
import { modelFileOperations } from "./paths/admin-model-files.ts";
import { modelOperations } from "./paths/admin-models.ts";
import { peopleOperations } from "./paths/admin-people.ts";
import { slotRunOperations } from "./paths/admin-slot-runs.ts";
import { slotOperations } from "./paths/admin-slots.ts";
import { usageOperations } from "./paths/admin-usage.ts";
import { userOperations } from "./paths/admin-users.ts";
import { audioOperations } from "./paths/audio.ts";
import { lookUpOperations } from "./paths/lookups.ts";
import { signupOperations } from "./paths/signups.ts";
import { systemOperations } from "./paths/system.ts";
import { textOperations } from "./paths/text.ts";
import { vectorOperations } from "./paths/vectors.ts";

export const operations: readonly Operation[] = [
  ...textOperations,
  ...vectorOperations,
  ...audioOperations,
  ...lookUpOperations,
  ...slotOperations,
  ...modelFileOperations,
  ...slotRunOperations,
  ...measuringOperations,
  ...fitOperations,
  ...modelOperations,
  ...hubOperations,
  ...userOperations,
  ...usageOperations,
  ...peopleOperations,
  ...signupOperations,
  ...configOperations,
  ...systemOperations,
  ...backupOperations,
];
