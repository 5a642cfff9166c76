/** A sample for tests. */
import type { SystemSample } from "../schemas.ts";

const nothing = { avg: 0, max: 0 };

export function sample(change: Partial<SystemSample> = {}): SystemSample {
  return {
    seconds: 60,
    cpu_percent: nothing,
    memory_used_gb: nothing,
    disk_used_gb: nothing,
    gateway_ram_mb: nothing,
    slots: [],
    gpus: [],
    ready_models: nothing,
    queue_length: nothing,
    requests: 0,
    tokens_in: 0,
    tokens_out: 0,
    tokens_per_second: nothing,
    first_token_p50_ms: null,
    ...change,
  };
}
