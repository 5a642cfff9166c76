/** The admin API: the hub and downloads. */
import { z } from "zod";
import {
  downloadBody,
  downloadReply,
  filesQuery,
  hubFilesReply,
  hubModelReply,
  searchQuery,
} from "../../admin/schemas/models-hub.ts";
import { idParams } from "../../admin/schemas.ts";
import type { Operation } from "../operation.ts";
import { act, bodyRefusals, keyRefusals, look } from "./admin.ts";

export const hubSearchAnswer = z.object({ data: z.array(hubModelReply) });
export const downloadListAnswer = z.object({ data: z.array(downloadReply).describe("The newest first") });

/** What the hub refuses, or that it cannot be asked. */
const hubRefusals = [404, 429, 502, 503];
const download = { name: "Download", schema: downloadReply };

const actions = {
  pause: ["Pause a download", "What has come stays on the disk."],
  continue: ["Continue a paused download", "It goes on from where it was paused."],
  retry: ["Retry a failed download", "It goes on with what is on the disk."],
} as const;

export const hubOperations: readonly Operation[] = [
  {
    ...look,
    path: "/admin/api/models/search",
    id: "searchHub",
    group: "Models",
    summary: "Search the hub",
    description: "Repositories with GGUF files on Hugging Face, or on the mirror that `hub_url` names.",
    query: searchQuery,
    answers: [
      {
        status: 200,
        description: "The repositories",
        schema: { name: "HubSearch", schema: hubSearchAnswer },
      },
    ],
    refusals: [...keyRefusals, ...hubRefusals],
  },
  {
    ...look,
    path: "/admin/api/models/files",
    id: "listHubFiles",
    group: "Models",
    summary: "List a repository's models",
    description: "The GGUF files of a repository by quantisation, and the projectors that belong to them.",
    query: filesQuery,
    answers: [{ status: 200, description: "The files", schema: { name: "HubFiles", schema: hubFilesReply } }],
    refusals: [...keyRefusals, ...hubRefusals],
  },
  {
    ...act,
    path: "/admin/api/models/download",
    id: "downloadModel",
    group: "Models",
    summary: "Download a model",
    description:
      "Fetches all parts of a model and its projector into the models folder, and checks their SHA-256 and their headers. It goes on by itself, over restarts too; one that is paused or has failed goes on when it is asked for again.",
    body: {
      name: "DownloadRequest",
      schema: downloadBody,
      example: {
        repo_id: "Qwen/Qwen2.5-3B-Instruct-GGUF",
        filename: "qwen2.5-3b-instruct-q4_k_m.gguf",
      },
    },
    answers: [
      { status: 200, description: "The files are here already", schema: download },
      { status: 202, description: "The download is queued, or under way", schema: download },
    ],
    refusals: [...bodyRefusals, 409, ...hubRefusals],
  },
  {
    ...look,
    path: "/admin/api/models/downloads",
    id: "listDownloads",
    group: "Models",
    summary: "List the downloads",
    description: "All downloads that are not forgotten, with how far they are.",
    answers: [
      {
        status: 200,
        description: "The downloads",
        schema: { name: "DownloadList", schema: downloadListAnswer },
      },
    ],
  },
  {
    ...look,
    method: "delete",
    path: "/admin/api/models/downloads/{id}",
    id: "removeDownload",
    group: "Models",
    summary: "Cancel or forget a download",
    description:
      "One under way is cancelled, and what is unfinished of it removed; one that has ended leaves the list, and its files stay.",
    params: idParams,
    answers: [{ status: 200, description: "As it was at last", schema: download }],
    refusals: [...keyRefusals, 404],
  },
  ...Object.entries(actions).map(([action, [summary, description]]) => ({
    ...act,
    path: `/admin/api/models/downloads/{id}/${action}`,
    id: `${action}Download`,
    group: "Models" as const,
    summary,
    description,
    params: idParams,
    answers: [{ status: 200, description: "It is done", schema: download }],
    refusals: [...keyRefusals, 404, 409],
  })),
];
