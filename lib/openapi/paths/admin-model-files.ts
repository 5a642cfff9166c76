/** The admin API: model files on this machine. */
import {
  deletedModelReply,
  deleteModel,
  uploadedModelReply,
  uploadQuery,
} from "../../admin/schemas/model-files.ts";
import { fileBody, localModelsAnswer } from "../answers/model-files.ts";
import type { Operation } from "../operation.ts";
import { act, bodyRefusals, look } from "./admin.ts";

export const modelFileOperations: readonly Operation[] = [
  {
    ...look,
    path: "/admin/api/models/local",
    id: "listLocalModels",
    group: "Files",
    summary: "List the model files",
    description:
      "Every model file on this machine that could be loaded, with the facts of its header. Split models count once, and projectors stand with their models.",
    answers: [
      { status: 200, description: "The files", schema: { name: "LocalModels", schema: localModelsAnswer } },
    ],
  },
  {
    ...act,
    path: "/admin/api/models/delete",
    id: "deleteModel",
    group: "Files",
    summary: "Delete a model",
    description:
      "Removes all parts of a model from the models folder, and its projector if no other model uses it. Of a link the link alone is removed. Refused while a slot needs the model.",
    body: { name: "DeleteModel", schema: deleteModel, example: { path: "Qwen2.5-7B-Instruct-Q4_K_M.gguf" } },
    answers: [
      {
        status: 200,
        description: "What was removed",
        schema: { name: "DeletedModel", schema: deletedModelReply },
      },
    ],
    refusals: [...bodyRefusals, 404, 409],
  },
  {
    ...act,
    path: "/admin/api/models/upload",
    id: "uploadModel",
    group: "Files",
    summary: "Upload a model",
    description:
      "The body is the file itself. It is there under its name only when all of it has come and its header is in order.",
    query: uploadQuery,
    body: {
      name: "ModelFile",
      schema: fileBody,
      mediaType: "application/octet-stream",
      example: "the bytes of a GGUF file",
    },
    answers: [
      {
        status: 201,
        description: "The file is there",
        schema: { name: "UploadedModel", schema: uploadedModelReply },
      },
    ],
    refusals: [...bodyRefusals, 409, 422],
  },
];
