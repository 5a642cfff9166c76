/** What the operations of the admin API have in common. */
import type { Operation } from "../operation.ts";

export const keyRefusals = [401, 403];
/** Of a request with a body. */
export const bodyRefusals = [...keyRefusals, 413, 415];

export const look = {
  method: "get",
  access: "admin",
  dialect: "admin",
  refusals: keyRefusals,
} as const satisfies Partial<Operation>;

export const act = { ...look, method: "post" } as const;
