/** The admin API on the wire: the hub and downloads. */
import { z } from "zod";
import { downloadStatuses } from "../../downloads/types.ts";
import { sizeVerdicts } from "../../fit/quantizations.ts";
import { repoId, repositoryFile, revisionName } from "../../hub/names.ts";

const count = z.int().min(0);
const seconds = z.int().min(0).describe("Seconds since 1970");

const maxResults = 100;

export const searchQuery = z.strictObject({
  q: z.string().trim().min(1).max(200).describe("Words of a model's name"),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, "must be a number from 1 to 100")
    .transform(Number)
    .refine((value) => value <= maxResults, "must be a number from 1 to 100")
    .optional()
    .describe("How many at most; 20 if absent"),
});

export const filesQuery = z.strictObject({
  repo_id: repoId.describe("As `Qwen/Qwen2.5-3B-Instruct-GGUF`"),
  revision: revisionName.optional().describe("Branch, tag or commit; `main` if absent"),
});

const projector = z.boolean().default(true).describe("Whether the model's projector (mmproj) comes along");

/** Both forms in one object, so that what is wrong is told by its name. */
export const downloadBody = z
  .strictObject({
    repo_id: repoId.optional(),
    filename: repositoryFile.optional().describe("Path in the repository; of a split model any part"),
    revision: revisionName.optional().describe("Branch, tag or commit; `main` if absent"),
    url: z
      .url({ protocol: /^https$/, error: "must be an https address" })
      .max(8000)
      .optional()
      .describe("Instead of a repository: the https address of a GGUF file, or of its page on the hub"),
    sha256: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/, "must be 64 hexadecimal digits")
      .optional()
      .describe("Of the file at `url`, where its publisher tells it"),
    projector,
  })
  .refine(
    ({ url, repo_id, filename }) => (url === undefined) === (repo_id !== undefined && filename !== undefined),
    {
      error: "needs either repo_id and filename, or url",
    },
  )
  .refine(
    ({ url, repo_id, filename }) => url === undefined || (repo_id === undefined && filename === undefined),
    {
      error: "needs either repo_id and filename, or url",
    },
  )
  .meta({
    description: "Either `repo_id` and `filename`, or `url`.",
    anyOf: [{ required: ["repo_id", "filename"] }, { required: ["url"] }],
  });

export type DownloadBody = z.infer<typeof downloadBody>;

const repositoryFacts = {
  downloads: count.describe("In the last month"),
  likes: count,
  gated: z
    .union([z.literal(false), z.enum(["auto", "manual"])])
    .describe("Whether its terms have to be accepted on its page, or its owner has to agree"),
  private: z.boolean(),
  license: z.string().nullable(),
  updated_at: seconds.nullable(),
  task: z.string().nullable(),
  tags: z.array(z.string()),
};

export const hubModelReply = z.object({ id: z.string(), ...repositoryFacts });

const fileFacts = {
  path: z.string().describe("In the repository"),
  size_bytes: count,
  sha256: z.string().nullable(),
};

const hubFileReply = z.object(fileFacts);

const fitReply = z.object({
  verdict: z.enum(sizeVerdicts).describe("`tight`: when other models are unloaded"),
  required_bytes: count.describe("A guess from its size"),
  available_bytes: count,
  sentence: z.string(),
});

export const hubEntryReply = z.object({
  name: z.string(),
  quantization: z.string().nullable(),
  filename: z.string().describe("What a download names"),
  size_bytes: count.describe("Of all parts"),
  files: z.array(hubFileReply),
  missing_parts: z.array(count),
  mmproj: z.string().nullable().describe("The projector that comes along"),
  fit: fitReply
    .nullable()
    .describe("Whether this machine can run it, by its size; null where that is unknown"),
});

export const hubProjectorReply = z.object({
  ...fileFacts,
  quantization: z.string().nullable(),
  belongs_to: z.array(z.string()).describe("Names of entries"),
});

export const hubFilesReply = z.object({
  repo_id: z.string(),
  revision: z.string().describe("The commit that the files are of"),
  ...repositoryFacts,
  files: z.array(hubEntryReply).describe("Models, whole or split; the smallest first"),
  recommended: z
    .object({ filename: z.string(), reason: z.string() })
    .nullable()
    .describe("The best one for this machine; null where none fits"),
  projectors: z.array(hubProjectorReply),
});

export const downloadReply = z.object({
  id: count,
  source: z.enum(["hub", "url"]),
  repo_id: z.string().nullable(),
  revision: z.string().nullable(),
  url: z.string().nullable().describe("Without its query"),
  name: z.string(),
  status: z.enum(downloadStatuses),
  error: z.string().nullable().describe("Why it failed or waits"),
  size_bytes: count.nullable().describe("Null until it is known"),
  done_bytes: count,
  bytes_per_s: count.nullable(),
  eta_s: count.nullable(),
  created_at: seconds,
  finished_at: seconds.nullable(),
  files: z.array(
    z.object({
      path: z.string().describe("Below the models folder"),
      size_bytes: count.nullable(),
      done_bytes: count,
      sha256: z.string().nullable().describe("Null where nobody tells it: then only the size is checked"),
      done: z.boolean().describe("Verified"),
    }),
  ),
});

export type HubModelReply = z.infer<typeof hubModelReply>;
export type HubFilesReply = z.infer<typeof hubFilesReply>;
export type DownloadReply = z.infer<typeof downloadReply>;
