/** The environment, parsed once. Nothing else reads `process.env`. */
import os from "node:os";
import path from "node:path";
import { z } from "zod";

const blankIsUnset = (value: unknown) => (value === "" ? undefined : value);
const port = z.coerce.number().int().min(1).max(65_535);

const schema = z.object({
  PORT: z.preprocess(blankIsUnset, port.default(4000)),
  HOST: z.preprocess(blankIsUnset, z.string().default("127.0.0.1")),
  GATEWAY_DATA_DIR: z.preprocess(blankIsUnset, z.string().default("data")),
  GATEWAY_CACHE_DIR: z.preprocess(blankIsUnset, z.string().optional()),
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

/** The user's cache folder, by the platform's own convention. */
function defaultCacheDir(variables: NodeJS.ProcessEnv): string {
  if (process.platform === "win32")
    return path.join(variables.LOCALAPPDATA ?? path.join(os.homedir(), "AppData", "Local"), "llm-gateway");
  if (process.platform === "darwin") return path.join(os.homedir(), "Library", "Caches", "llm-gateway");
  return path.join(variables.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "llm-gateway");
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
    cacheDir: path.resolve(value.GATEWAY_CACHE_DIR ?? defaultCacheDir(variables)),
    adminKey: value.GATEWAY_ADMIN_KEY,
    slotBasePort: value.GATEWAY_SLOT_BASE_PORT,
    starter: value.GATEWAY_STARTER === "on",
    llamaServer: value.LLAMA_SERVER,
  };
}
