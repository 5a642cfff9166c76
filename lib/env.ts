/** The environment, parsed once. Nothing else reads `process.env`. */
import path from "node:path";
import { z } from "zod";
import { cacheFolder } from "./cache-folder.mjs";

const blankIsUnset = (value: unknown) => (value === "" ? undefined : value);
const port = z.coerce.number().int().min(1).max(65_535);

const schema = z.object({
  PORT: z.preprocess(blankIsUnset, port.default(4000)),
  HOST: z.preprocess(blankIsUnset, z.string().default("127.0.0.1")),
  GATEWAY_DATA_DIR: z.preprocess(blankIsUnset, z.string().default("data")),
  GATEWAY_ADMIN_KEY: z.preprocess(
    blankIsUnset,
    z
      .string()
      .regex(/^sk-[\x21-\x7e]{17,}$/, "must be sk- and at least 17 printable characters")
      .optional(),
  ),
  GATEWAY_SLOT_BASE_PORT: z.preprocess(blankIsUnset, port.max(65_529).default(4801)),
  GATEWAY_STARTER: z.preprocess(blankIsUnset, z.enum(["on", "off"]).default("on")),
  LLAMA_SERVER: z.preprocess(blankIsUnset, z.string().optional()),
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
}

/**
 * Parses the variables of docs/configuration.md; an empty value counts as unset.
 * @throws Error that names each wrong variable and what it may be
 */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const parsed = schema.safeParse(variables);
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
  };
}
