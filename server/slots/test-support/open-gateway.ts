/** A gateway without pages in this process: real slots, accounts and database, and `/v1` over HTTP as in production. */
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { openServices } from "../../../lib/admin/testing/services.ts";
import { createMetrics } from "../../../lib/metrics/registry.ts";
import { provideRuntime, type Runtime } from "../../../lib/runtime.ts";
import { unlimited } from "../../../tests/harness/data-folder.ts";
import { BenchmarkService } from "../../benchmarks/service.ts";
import { CapabilityTestService } from "../../capability-tests/service.ts";
import { createHttpServer } from "../../http/server.ts";
import { portOf } from "../../http/testing/raw-socket.ts";
import { openRig } from "./open-rig.ts";
import type { Rig, RigOptions } from "./rig.ts";

export interface OpenGateway {
  rig: Rig;
  services: Runtime;
  /** Where `/v1` answers, with a key of a user whose limits keep nobody. */
  target: { url: string; key: string };
}

/** Opens it for one test; the admin API is called by its handlers. */
export async function openGateway(adminKey: string, options: RigOptions = {}): Promise<OpenGateway> {
  const { close, ...others } = await openServices();
  onTestFinished(close);
  const rig = await openRig({ ...options, config: { ...unlimited, ...options.config } });
  await rig.slots.localModels();
  const { accounts } = others;
  await accounts.ensureAdmin(adminKey);
  const nobody = { userId: null, keyId: null, requestId: "req_setup" };
  const user = { email: "user@example.org", tier: "sub", balanceNanos: 1_000_000_000_000 } as const;
  const { apiKey } = await accounts.createUser(user, nobody, "test");
  const { environment, config, slots } = rig;
  const { database, log } = others;
  const benchmarks = new BenchmarkService({ slots, database, config, log });
  const capabilityTests = new CapabilityTestService({ slots, database, config, benchmarks, log });
  const metrics = createMetrics({ slots, accounts });
  const services: Runtime = { ...others, environment, config, slots, metrics, benchmarks, capabilityTests };
  provideRuntime(services);
  const { server } = createHttpServer({ lane: true, next: new Promise(() => undefined) });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { rig, services, target: { url: `http://127.0.0.1:${portOf(server)}`, key: apiKey } };
}
