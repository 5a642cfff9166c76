/** The admin API: whether models fit into memory. */
import { fitReply, fitRequest } from "../../admin/schemas/fit.ts";
import type { Operation } from "../operation.ts";
import { act, bodyRefusals } from "./admin.ts";

export const fitOperations: readonly Operation[] = [
  {
    ...act,
    path: "/admin/api/models/fit",
    id: "checkModelFit",
    group: "Models",
    summary: "Ask whether a model fits into memory",
    description:
      "Judges a load without loading anything: what it needs, what is there, and what would make it fit. A load that does not fit is refused with 409 unless it has `force`.",
    body: { name: "FitRequest", schema: fitRequest, example: { model_path: "SmolLM2-135M-Instruct.gguf" } },
    answers: [{ status: 200, description: "The verdict", schema: { name: "FitVerdict", schema: fitReply } }],
    refusals: [...bodyRefusals, 422],
  },
];
