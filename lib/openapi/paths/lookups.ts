/** What is looked up with a key, and what is public. */
import { z } from "zod";
import {
  healthAnswer,
  modelAnswer,
  modelListAnswer,
  publicModelsAnswer,
  statsAnswer,
} from "../answers/lookups.ts";
import type { Operation } from "../operation.ts";
import { anyLookUp } from "./v1.ts";

const { params, ...lookUp } = anyLookUp;

const open = {
  method: "get",
  group: "Service",
  access: "public",
  dialect: "openai",
  refusals: [],
} as const satisfies Partial<Operation>;

const health = { name: "Health", schema: healthAnswer };

export const lookUpOperations: readonly Operation[] = [
  {
    ...lookUp,
    path: "/v1/models",
    id: "listModels",
    group: "Models",
    summary: "List the models",
    description: "Every name that a request may use: models that are loaded, models that could be, aliases.",
    answers: [
      { status: 200, description: "The models", schema: { name: "ModelList", schema: modelListAnswer } },
    ],
  },
  {
    ...lookUp,
    path: "/v1/models/{id}",
    params: params.extend({ id: params.shape.id.describe("An id or an alias; it may contain slashes") }),
    id: "getModel",
    group: "Models",
    summary: "Look up a model",
    description: "One model or alias.",
    answers: [{ status: 200, description: "The model", schema: { name: "Model", schema: modelAnswer } }],
    refusals: [...lookUp.refusals, 404],
  },
  {
    ...lookUp,
    path: "/v1/stats/summary",
    id: "getStatsSummary",
    group: "Usage",
    summary: "Sum up the last 24 hours",
    description: "What this key used; for an admin, what all users used.",
    answers: [
      { status: 200, description: "The sums", schema: { name: "StatsSummary", schema: statsAnswer } },
    ],
  },
  {
    ...open,
    path: "/health",
    id: "getHealth",
    summary: "Ask whether requests are taken",
    description: "For load balancers: 200 only while requests are taken.",
    answers: [
      { status: 200, description: "Requests are taken", schema: health },
      { status: 503, description: "The gateway starts or stops", schema: health },
    ],
  },
  {
    ...open,
    path: "/api/models",
    id: "listPublicModels",
    summary: "List the models without a key",
    description: "Which models are here, and in what state.",
    answers: [
      {
        status: 200,
        description: "The models",
        schema: { name: "PublicModels", schema: publicModelsAnswer },
      },
    ],
  },
  {
    ...open,
    path: "/openapi.json",
    id: "getOpenapi",
    summary: "Get this document",
    description: "Any page may read it; it has an ETag.",
    answers: [
      {
        status: 200,
        description: "The document",
        schema: { name: "OpenapiDocument", schema: z.looseObject({ openapi: z.string() }) },
      },
    ],
  },
];
