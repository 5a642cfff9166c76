/** A gate's facts, for tests that need no engine behind it. */
import { Pool } from "undici";
import { EngineConnections } from "../../../lib/engine-http/connections.ts";
import type { GateFacts } from "../queue/gate.ts";

export const gateFacts: GateFacts = {
  engine: {
    kind: "llama-server",
    connections: new EngineConnections(new URL("http://127.0.0.1:1"), {
      headers: [],
      keepAlive: false,
      connectTimeoutMs: 1,
    }),
    pool: new Pool("http://127.0.0.1:1"),
    pathPrefix: "/v1",
    headers: [],
    upstreamModel: "m",
    alwaysStream: true,
    mediaMarker: null,
    reportsProgress: true,
  },
  port: 1,
  model: {
    id: "m",
    type: "text",
    capabilities: ["text"],
    contextLength: 512,
    status: "ready",
    createdS: 0,
  },
  capacity: 4,
};
