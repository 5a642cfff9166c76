/** Engines over real HTTP with a lease on each, for tests of what goes between them and clients. */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "undici";
import { onTestFinished, vi } from "vitest";
import { EngineConnections } from "../../engine-http/connections.ts";
import type { Engine, Lease } from "../../slots/types.ts";
import { Departure } from "../departure.ts";
import type { AnswerSink } from "../forward.ts";

/** An engine over real HTTP, and a lease on it. */
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
  onTestFinished(async () => {
    connections.close();
    await pool.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
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

/** Keeps what comes. */
export function collector(): AnswerSink & { text: string } {
  return {
    text: "",
    wantsMore: true,
    onDrain: null,
    onLeft: null,
    onData(bytes) {
      this.text += bytes.toString("utf8");
    },
  };
}

/** The departure of a client whose request has this signal. */
export const departureOf = (signal: AbortSignal) =>
  new Departure(new Request("http://localhost/", { signal }));

/** The same engine as somebody else's. */
export const remote = (engine: Engine): Engine => ({ ...engine, kind: "remote", reportsProgress: false });
