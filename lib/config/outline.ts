/** The schema as JSON Schema: what the program itself reads of it, such as which keys are secret. */
import { z } from "zod";
import { isJsonObject, type JsonObject } from "./merge-patch.ts";
import { configSchema } from "./schema.ts";

/** One key, or section, of the configuration. */
export type Outline = z.core.JSONSchema.BaseSchema;

/** The whole file. */
export const configOutline: Outline = z.toJSONSchema(configSchema, { io: "input" });

/** Where the keys are: what is nullable is a choice of two in JSON Schema. */
function objectBranch(outline: Outline): Outline {
  const branch = outline.anyOf?.find((one) => typeof one === "object" && one.type === "object");
  return typeof branch === "object" ? branch : outline;
}

/** What the schema says of one key of a section, named or not. */
export function outlineOf(section: Outline, key: string): Outline {
  const { properties, additionalProperties } = objectBranch(section);
  if (properties && Object.hasOwn(properties, key)) {
    const named = properties[key];
    return typeof named === "object" ? named : {};
  }
  return typeof additionalProperties === "object" ? additionalProperties : {};
}

/** The keys that a section names, in the order of the schema. */
export function namedKeys(section: Outline): string[] {
  return Object.keys(objectBranch(section).properties ?? {});
}

/** True for a key that its section cannot do without. */
export function isRequired(section: Outline, key: string): boolean {
  return objectBranch(section).required?.includes(key) ?? false;
}

/** The settings of each entry where a section's keys are free (ports, model ids, aliases), else null. */
export function entriesOf(section: Outline): Outline | null {
  const { properties, additionalProperties } = objectBranch(section);
  return !properties && typeof additionalProperties === "object" ? additionalProperties : null;
}

/** A copy in which every text at a secret key is replaced; `undefined` removes the key. */
export function mapSecrets(
  value: unknown,
  replace: (secret: string, path: readonly string[]) => string | undefined,
  outline: Outline = configOutline,
  path: readonly string[] = [],
): unknown {
  if (outline.secret === true) return typeof value === "string" ? replace(value, path) : value;
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    const mapped = mapSecrets(inner, replace, outlineOf(outline, key), [...path, key]);
    if (mapped !== undefined) copy[key] = mapped;
  }
  return copy;
}

export type Restart = "slot" | "gateway";

/** What must be restarted for a change at this path: the innermost section that says so decides. */
export function restartFor(path: readonly string[]): Restart | null {
  let outline = configOutline;
  let restart: unknown;
  for (const key of path) {
    outline = outlineOf(outline, key);
    restart = outline.restart ?? restart;
  }
  return restart === "slot" || restart === "gateway" ? restart : null;
}
