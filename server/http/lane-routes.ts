/** Made from app/v1 by scripts/lane-routes.mjs. */
import * as route0 from "../../app/v1/[...path]/route.ts";
import * as route1 from "../../app/v1/audio/transcriptions/route.ts";
import * as route2 from "../../app/v1/audio/translations/route.ts";
import * as route3 from "../../app/v1/chat/completions/route.ts";
import * as route4 from "../../app/v1/completions/route.ts";
import * as route5 from "../../app/v1/embeddings/route.ts";
import * as route6 from "../../app/v1/messages/count_tokens/route.ts";
import * as route7 from "../../app/v1/messages/route.ts";
import * as route8 from "../../app/v1/models/[...id]/route.ts";
import * as route9 from "../../app/v1/models/route.ts";
import * as route10 from "../../app/v1/rerank/route.ts";
import * as route11 from "../../app/v1/responses/[id]/route.ts";
import * as route12 from "../../app/v1/responses/route.ts";
import * as route13 from "../../app/v1/stats/summary/route.ts";
import type { LaneRoute } from "./lane.ts";

export const laneRoutes: readonly LaneRoute[] = [
  { path: "/v1/[...path]", handlers: route0 },
  { path: "/v1/audio/transcriptions", handlers: route1 },
  { path: "/v1/audio/translations", handlers: route2 },
  { path: "/v1/chat/completions", handlers: route3 },
  { path: "/v1/completions", handlers: route4 },
  { path: "/v1/embeddings", handlers: route5 },
  { path: "/v1/messages/count_tokens", handlers: route6 },
  { path: "/v1/messages", handlers: route7 },
  { path: "/v1/models/[...id]", handlers: route8 },
  { path: "/v1/models", handlers: route9 },
  { path: "/v1/rerank", handlers: route10 },
  { path: "/v1/responses/[id]", handlers: route11 },
  { path: "/v1/responses", handlers: route12 },
  { path: "/v1/stats/summary", handlers: route13 },
];
