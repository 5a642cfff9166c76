/** The admin API: measuring models. */
import {
  benchmarkListAnswer,
  benchmarkRequest,
  benchmarksQuery,
  findThreadsRequest,
  jobParams,
  measureJobListAnswer,
  measureJobReply,
} from "../../admin/schemas/benchmarks.ts";
import { capabilityTestsReply } from "../../admin/schemas/capability-tests.ts";
import { modelParams } from "../../admin/schemas/presets.ts";
import type { Operation } from "../operation.ts";
import { act, bodyRefusals, keyRefusals, look } from "./admin.ts";

const tests = { name: "CapabilityTests", schema: capabilityTestsReply };
const job = { name: "MeasureJob", schema: measureJobReply };

export const measuringOperations: readonly Operation[] = [
  {
    ...act,
    path: "/admin/api/models/{id}/benchmark",
    id: "benchmarkModel",
    group: "Slots",
    summary: "Measure a model's speed",
    description:
      "Real requests, last in the line behind those of clients, at 1 and at 4 at once. One job at a time; text and embedding models, remote ones too.",
    params: modelParams,
    body: {
      name: "BenchmarkRequest",
      schema: benchmarkRequest,
      example: { load: true, rounds: 3 },
      isOptional: true,
    },
    answers: [{ status: 202, description: "The job has begun", schema: job }],
    refusals: [...bodyRefusals, 404, 409],
  },
  {
    ...act,
    path: "/admin/api/models/{id}/find-threads",
    id: "findThreads",
    group: "Slots",
    summary: "Find the best count of threads",
    description:
      "Loads the model into an empty slot with 1, 2, … threads and one more than there are cores, and measures each; nothing stays loaded.",
    params: modelParams,
    body: {
      name: "FindThreadsRequest",
      schema: findThreadsRequest,
      example: { apply: true },
      isOptional: true,
    },
    answers: [{ status: 202, description: "The job has begun", schema: job }],
    refusals: [...bodyRefusals, 404, 409],
  },
  {
    ...look,
    path: "/admin/api/models/{id}/benchmarks",
    id: "listBenchmarks",
    group: "Slots",
    summary: "List a model's benchmarks",
    description:
      "What was measured, with the settings that it ran with, and compared with the best of the list.",
    params: modelParams,
    query: benchmarksQuery.extend({ limit: benchmarksQuery.shape.limit.describe("How many; 50 if absent") }),
    answers: [
      {
        status: 200,
        description: "The benchmarks",
        schema: { name: "BenchmarkList", schema: benchmarkListAnswer },
      },
    ],
  },
  {
    ...look,
    path: "/admin/api/benchmarks",
    id: "listMeasureJobs",
    group: "Slots",
    summary: "List the jobs that measure",
    description: "The one that runs and the last ones that ended.",
    answers: [
      {
        status: 200,
        description: "The jobs",
        schema: { name: "MeasureJobList", schema: measureJobListAnswer },
      },
    ],
  },
  {
    ...look,
    path: "/admin/api/benchmarks/{job}",
    id: "getMeasureJob",
    group: "Slots",
    summary: "Look at a job that measures",
    description: "How far it is, and what came of it.",
    params: jobParams,
    answers: [{ status: 200, description: "The job", schema: job }],
    refusals: [...keyRefusals, 404],
  },
  {
    ...act,
    method: "delete",
    path: "/admin/api/benchmarks/{job}",
    id: "cancelMeasureJob",
    group: "Slots",
    summary: "Cancel a job that measures",
    description: "Answers when nothing of it runs any more. A job that has ended stays as it is.",
    params: jobParams,
    answers: [{ status: 200, description: "The job as it ended", schema: job }],
    refusals: [...keyRefusals, 404],
  },
  {
    ...look,
    path: "/admin/api/models/{id}/test-capabilities",
    id: "getCapabilityTests",
    group: "Slots",
    summary: "Read what a model can really do",
    description: "What was tried of it, and what is still to be tried.",
    params: modelParams,
    answers: [{ status: 200, description: "What was found", schema: tests }],
    refusals: [...keyRefusals, 404],
  },
  {
    ...act,
    path: "/admin/api/models/{id}/test-capabilities",
    id: "testCapabilities",
    group: "Slots",
    summary: "Try again what a model can really do",
    description:
      "Tools, JSON by a schema, reasoning, images, sounds, vectors or rankings, whatever it seems to be able to do: each by a request of the gateway's own when nobody else wants anything of it. Until then the results are those of the last time.",
    params: modelParams,
    answers: [{ status: 202, description: "It will be tried", schema: tests }],
    refusals: [...keyRefusals, 404, 409],
  },
];
