/** Every operation of the document. A new endpoint gets its entry in one of these lists. */
import type { Operation } from "./operation.ts";
import { configOperations } from "./paths/admin-config.ts";
import { fitOperations } from "./paths/admin-fit.ts";
import { modelOperations } from "./paths/admin-models.ts";
import { slotOperations } from "./paths/admin-slots.ts";
import { usageOperations } from "./paths/admin-usage.ts";
import { userOperations } from "./paths/admin-users.ts";
import { audioOperations } from "./paths/audio.ts";
import { lookUpOperations } from "./paths/lookups.ts";
import { textOperations } from "./paths/text.ts";
import { vectorOperations } from "./paths/vectors.ts";

export const operations: readonly Operation[] = [
  ...textOperations,
  ...vectorOperations,
  ...audioOperations,
  ...lookUpOperations,
  ...slotOperations,
  ...fitOperations,
  ...modelOperations,
  ...userOperations,
  ...usageOperations,
  ...configOperations,
];
