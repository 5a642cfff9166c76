/** Made from app/v1 by scripts/lane-routes.mjs. */
import * as route0 from "../../app/v1/[...path]/route.ts";
import * as route1 from "../../app/v1/chat/completions/route.ts";
import * as route3 from "../../app/v1/models/[...id]/route.ts";
import * as route2 from "../../app/v1/models/route.ts";
import type { LaneRoute } from "./lane.ts";

export const laneRoutes: readonly LaneRoute[] = [
  { path: "/v1/[...path]", handlers: route0 },
  { path: "/v1/chat/completions", handlers: route1 },
  { path: "/v1/models", handlers: route2 },
  { path: "/v1/models/[...id]", handlers: route3 },
];
