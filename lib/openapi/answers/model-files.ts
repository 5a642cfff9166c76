/** What the admin API answers about model files. */
import { z } from "zod";
import { localModelReply } from "../../admin/schemas/model-files.ts";

export const localModelsAnswer = z.object({ models: z.array(localModelReply) });

/** A body that is a file. */
export const fileBody = z.any().meta({ type: "string", format: "binary" });
