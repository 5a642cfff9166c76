/** The environment, parsed once. Nothing else reads `process.env`. */
import path from "node:path";
import { z } from "zod";
import { cacheFolder } from "./cache-folder.mjs";
import { engineVariables } from "./engine-variables.ts";

const blankIsUnset = (value: unknown) => (value === "" ? undefined : value);
const port = z.coerce.number().int().min(1).max(65_535);

/** docs/configuration.md is generated from it. */
export const environmentSchema = z.object({
  PORT: z.preprocess(blankIsUnset, port.default(4000)).describe("Where the gateway listens"),
  HOST: z
    .preprocess(blankIsUnset, z.string().default("127.0.0.1"))
    .describe("The address it listens on; 0.0.0.0 opens it to the network"),
  GATEWAY_DATA_DIR: z
    .preprocess(blankIsUnset, z.string().default("data"))
    .describe("`config.json`, `gateway.db`, `models/`, `backups/`, logs and pid files"),
  GATEWAY_CACHE_DIR: z.preprocess(blankIsUnset, z.string().optional()).meta({
    description: "Engine binaries and the starter model, shared by clones",
    defaultText: "the user's cache folder + `llm-gateway`",
  }),
  GATEWAY_ADMIN_KEY: z
    .preprocess(
      blankIsUnset,
      z
        .string()
        .regex(/^sk-[\x21-\x7e]{17,}$/, "must be sk- and at least 17 printable characters")
        .optional(),
    )
    .meta({
      description:
        "The administrator's API key: wins over the file at every start, and is not written to disk",
      defaultText: "`admin_key` of the configuration",
    }),
  GATEWAY_SLOT_BASE_PORT: z
    .preprocess(blankIsUnset, port.max(65_529).default(4801))
    .describe("The first of the seven slot ports; used once, when `config.json` is created"),
  GATEWAY_STARTER: z
    .preprocess(blankIsUnset, z.enum(["on", "off"]).default("on"))
    .describe("`off`: no starter model on the first start"),
  LLAMA_SERVER: z
    .preprocess(blankIsUnset, z.string().optional())
    .meta({ description: "The llama-server binary", defaultText: "found or installed" }),
});

export interface Environment {
  port: number;
  host: string;
  /** Absolute. */
  dataDir: string;
  /** Absolute; shared by clones. */
  cacheDir: string;
  adminKey: string | undefined;
  slotBasePort: number;
  starter: boolean;
  llamaServer: string | undefined;
  /** What engines inherit of the environment. */
  engineVariables: NodeJS.ProcessEnv;
}

/**
 * Parses the variables of docs/configuration.md; an empty value counts as unset.
 * @throws Error that names each wrong variable and what it may be
 */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const parsed = environmentSchema.safeParse(variables);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`These environment variables are wrong:\n${wrong.join("\n")}`);
  }
  const value = parsed.data;
  return {
    port: value.PORT,
    host: value.HOST,
    dataDir: path.resolve(value.GATEWAY_DATA_DIR),
    cacheDir: cacheFolder(variables),
    adminKey: value.GATEWAY_ADMIN_KEY,
    slotBasePort: value.GATEWAY_SLOT_BASE_PORT,
    starter: value.GATEWAY_STARTER === "on",
    llamaServer: value.LLAMA_SERVER,
    engineVariables: engineVariables(variables),
  };
}
