/** What the slots are built with. */
import type { Logger } from "pino";
import type { ConfigStore } from "../../lib/config/types.ts";
import type { Database } from "../../lib/data/types.ts";
import type { Environment } from "../../lib/env.ts";
import type { MachineReader } from "../../lib/machine/types.ts";
import type { DemandHelpers } from "./on-demand/helpers.ts";
import type { Timings } from "./timings.ts";

export interface SlotsOptions {
  config: ConfigStore;
  environment: Environment;
  log: Logger;
  timings?: Timings;
  /** Absent: by what the machine has, and what earlier runs took. */
  helpers?: DemandHelpers;
  /** Where runs are written down; absent: nowhere. */
  database?: Pick<Database, "slotRuns">;
  /** Absent: this machine. */
  machine?: MachineReader;
}
