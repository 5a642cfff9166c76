/** An engine for tests of what is between it and a client. */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "undici";
import { afterEach, vi } from "vitest";
import { EngineConnections } from "../../engine-http/connections.ts";
import type { Lease } from "../../slots/types.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** An engine over real HTTP, and a lease on it; both end with the test. */
export async function engine(listener: RequestListener) {
  const server: Server = createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = ["authorization", "Bearer engine-key", "content-type", "application/json"];
  const connections = new EngineConnections(new URL(origin), {
    headers,
    keepAlive: true,
    connectTimeoutMs: 5_000,
  });
  const pool = new Pool(origin);
  cleanUps.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
    () => pool.destroy(),
    () => connections.close(),
  );
  const suspect = vi.fn();
  const progressed = vi.fn();
  const lease: Lease = {
    engine: {
      kind: "llama-server",
      connections,
      pool,
      pathPrefix: "/v1",
      headers,
      upstreamModel: "m",
      alwaysStream: true,
      mediaMarker: null,
      reportsProgress: true,
    },
    port: 1,
    model: { id: "m", type: "text", capabilities: ["text"], contextLength: 1, status: "ready", createdS: 1 },
    queuedMs: 0,
    progressed,
    held: () => {},
    release: () => {},
    suspect,
  };
  return { lease, suspect, progressed, server };
}
