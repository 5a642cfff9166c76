/** Made from app/v1 by scripts/lane-routes.mjs. */
import * as route0 from "../../app/v1/[...path]/route.ts";
import * as route1 from "../../app/v1/chat/completions/route.ts";
import * as route2 from "../../app/v1/embeddings/route.ts";
import * as route4 from "../../app/v1/models/[...id]/route.ts";
import * as route3 from "../../app/v1/models/route.ts";
import * as route5 from "../../app/v1/rerank/route.ts";
import type { LaneRoute } from "./lane.ts";

export const laneRoutes: readonly LaneRoute[] = [
  { path: "/v1/[...path]", handlers: route0 },
  { path: "/v1/chat/completions", handlers: route1 },
  { path: "/v1/embeddings", handlers: route2 },
  { path: "/v1/models", handlers: route3 },
  { path: "/v1/models/[...id]", handlers: route4 },
  { path: "/v1/rerank", handlers: route5 },
];
