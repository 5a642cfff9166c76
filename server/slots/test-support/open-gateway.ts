/** A gateway without pages in this process: real slots, accounts and database, and `/v1` over HTTP as in production. */
import { once } from "node:events";
import pino from "pino";
import { onTestFinished } from "vitest";
import { IdempotentAnswers } from "../../../lib/gateway/idempotency/answers.ts";
import { Commitments } from "../../../lib/gateway/limits/commitments.ts";
import { RequestLimiter } from "../../../lib/gateway/limits/request-limiter.ts";
import { UnderWay } from "../../../lib/gateway/under-way.ts";
import { createMetrics } from "../../../lib/metrics/registry.ts";
import { createAccounts } from "../../../lib/money/accounts.ts";
import { provideRuntime, type Runtime } from "../../../lib/runtime.ts";
import { unlimited } from "../../../tests/harness/data-folder.ts";
import { openTestDatabase } from "../../database/testing/test-database.ts";
import { createHttpServer } from "../../http/server.ts";
import { portOf } from "../../http/testing/raw-socket.ts";
import { ImageFetcher } from "../../images/image-fetcher.ts";
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
  const { database, remove } = await openTestDatabase();
  onTestFinished(remove);
  const rig = await openRig({ ...options, config: { ...unlimited, ...options.config } });
  await rig.slots.localModels();
  const accounts = await createAccounts({ database });
  await accounts.ensureAdmin(adminKey);
  const nobody = { userId: null, keyId: null, requestId: "req_setup" };
  const user = { email: "user@example.org", tier: "sub", balanceNanos: 1_000_000_000_000 } as const;
  const { apiKey } = await accounts.createUser(user, nobody, "test");
  const services: Runtime = {
    environment: rig.environment,
    config: rig.config,
    database,
    accounts,
    slots: rig.slots,
    limiter: new RequestLimiter(),
    commitments: new Commitments(),
    underWay: new UnderWay(),
    idempotentAnswers: new IdempotentAnswers(database),
    metrics: createMetrics({ slots: rig.slots, accounts }),
    images: new ImageFetcher(),
    log: pino({ level: "silent" }),
    status: "ok",
  };
  provideRuntime(services);
  const { server } = createHttpServer({ lane: true, next: new Promise(() => undefined) });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { rig, services, target: { url: `http://127.0.0.1:${portOf(server)}`, key: apiKey } };
}
