/** From the text of `config.json` to a configuration: pure decisions, no files. */
import { randomBytes } from "node:crypto";
import { generateApiKey } from "../auth/api-keys.ts";
import { GatewayError } from "../errors.ts";
import { nestsTooDeep } from "../json-text.ts";
import { wrongValue } from "../wrong-value.ts";
import { isJsonObject, type JsonObject } from "./merge-patch.ts";
import { type Config, configSchema, openaiAliases } from "./schema.ts";

const slotCount = 7;
const maxPort = 65_535;

/** The starter model's name in `models/`, as `scripts/prepare.mjs` links it. */
export const starterModelPath = "SmolLM2-135M-Instruct.gguf";

/** What holds for this process whatever the file says. */
export interface DocumentRules {
  slotPorts: readonly number[];
  /** `GATEWAY_ADMIN_KEY`: wins over the file and is never written to it. */
  adminKey: string | undefined;
}

export interface CheckedDocument {
  /** What belongs in the file: unknown keys kept, generated keys added. */
  document: JsonObject;
  config: Config;
  /** The keys that were missing and have been generated: they must be written down. */
  generated: string[];
}

/** What a new file begins with; checkDocument adds the rest. */
export function newDocument(slotBasePort: number, starter: boolean): JsonObject {
  return {
    slots: { [slotBasePort]: starter ? { model_path: starterModelPath } : null },
    aliases: { ...openaiAliases },
  };
}

/** The seven ports: those that the file names, and where it names fewer, the next free ones. */
export function slotPortsOf(document: JsonObject, slotBasePort: number): number[] {
  const keys = isJsonObject(document.slots) ? Object.keys(document.slots) : [];
  const ports = new Set(keys.map(Number).filter((port) => port >= 1 && port <= maxPort));
  const first = ports.size > 0 ? Math.min(...ports) : slotBasePort;
  for (let port = first; ports.size < slotCount && port <= maxPort; port++) ports.add(port);
  return [...ports].sort((one, other) => one - other);
}

/** The file's text. */
export function formatDocument(document: JsonObject): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * Parses the file's text.
 * @throws GatewayError 400 saying where the JSON ends to be JSON; it quotes nothing, as the text holds secrets
 */
export function parseDocument(text: string): JsonObject {
  if (nestsTooDeep(text)) throw new GatewayError("invalid_request", "It is nested too deep.");
  let value: unknown;
  try {
    value = JSON.parse(text, (key, inner) => (key === "__proto__" ? undefined : inner));
  } catch (error) {
    throw new GatewayError("invalid_request", `It is not valid JSON${placeOf(error, text)}.`);
  }
  if (!isJsonObject(value)) throw new GatewayError("invalid_request", "It must be a JSON object.");
  return value;
}

function placeOf(error: unknown, text: string): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  if (position === undefined) return "";
  return ` (line ${text.slice(0, Number(position)).split("\n").length})`;
}

/**
 * Fills in what is generated, and validates.
 * @throws GatewayError 400 with the path of the wrong value as `param`
 */
export function checkDocument(value: unknown, rules: DocumentRules): CheckedDocument {
  if (!isJsonObject(value))
    throw new GatewayError("invalid_request", "The configuration must be a JSON object.");
  const document = { ...value };
  const generated: string[] = [];
  const generate = (key: string, make: () => string) => {
    if (document[key] !== undefined) return;
    document[key] = make();
    generated.push(key);
  };
  generate("session_secret", () => randomBytes(32).toString("hex"));
  if (rules.adminKey === undefined) generate("admin_key", generateApiKey);
  document.slots = withEveryPort(document.slots, rules.slotPorts);
  refuseOtherPorts(document.slots, rules.slotPorts);
  const parsed = configSchema.safeParse({ ...document, admin_key: rules.adminKey ?? document.admin_key });
  if (!parsed.success) {
    const { path, message } = wrongValue(parsed.error);
    throw new GatewayError("invalid_request", message, { param: path || undefined });
  }
  return { document, config: parsed.data, generated };
}

/** A port that is absent is an empty slot. What is no object is left for the schema to refuse. */
function withEveryPort(slots: unknown, ports: readonly number[]): unknown {
  if (slots !== undefined && !isJsonObject(slots)) return slots;
  return { ...Object.fromEntries(ports.map((port) => [port, null])), ...slots };
}

/** A port's engine, queue and history live as long as the process: ports cannot come and go. */
function refuseOtherPorts(slots: unknown, ports: readonly number[]): void {
  if (!isJsonObject(slots)) return;
  const other = Object.keys(slots).find((key) => !ports.includes(Number(key)));
  if (other === undefined) return;
  const param = `slots.${other}`;
  throw new GatewayError(
    "invalid_request",
    `\`${param}\` is none of the slots (${ports.join(", ")}), which are read when the gateway starts.`,
    { param },
  );
}
