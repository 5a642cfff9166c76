/** JSON schemas (draft 2020-12) of the zod schemas that requests and answers are checked with. */
import { z } from "zod";
import type { ParameterNote, Treatment } from "../compatibility/notes.ts";
import type { NamedSchema } from "./operation.ts";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number;

const options = {
  // What a client may send. Of an answer it says the same, and leaves room for members of later versions.
  io: "input",
  // What only code can check is told by the description, and by the refusal.
  unrepresentable: "any",
  override: ({ jsonSchema }: { jsonSchema: JsonSchema }) => tidy(jsonSchema),
} as const;

/** The schema of one value, as of a parameter. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, options);
  return rest;
}

/**
 * The schemas by their names. One within another becomes a reference where it is the same object.
 * @throws Error where two different schemas have one name
 */
export function componentSchemas(all: readonly NamedSchema[]): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  const byName = new Map<string, z.ZodType>();
  for (const { name, schema } of all) {
    if ((byName.get(name) ?? schema) !== schema) throw new Error(`Two schemas have the name ${name}.`);
    byName.set(name, schema);
    registry.add(schema, { id: name });
  }
  const { schemas } = z.toJSONSchema(registry, { ...options, uri: referenceTo });
  const components: Record<string, JsonSchema> = {};
  for (const [name, { $schema, $id, ...schema }] of Object.entries(schemas)) components[name] = schema;
  for (const { name, notes } of all) if (notes) explain(components[name] ?? {}, notes);
  return components;
}

export function referenceTo(name: string): string {
  return `#/components/schemas/${name}`;
}

/** Takes out what only this project's code reads, and bounds that every number has in JavaScript. */
function tidy(schema: JsonSchema): void {
  if (schema.secret) schema.format = "password";
  for (const own of ["secret", "restart", "defaultText", "entry"]) delete schema[own];
  if (schema.maximum === MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === MIN_SAFE_INTEGER) delete schema.minimum;
}

const treatments: Record<Exclude<Treatment, "ignored">, string> = {
  honoured: "",
  "passed on": "Passed on to the engine.",
  accepted: "Accepted without effect.",
  refused: "Refused.",
};

/** Adds to the members what becomes of them, and to the whole what is dropped. */
function explain(schema: JsonSchema, notes: Readonly<Record<string, ParameterNote>>): void {
  const ignored: string[] = [];
  for (const [name, { treatment, note }] of Object.entries(notes)) {
    if (treatment === "ignored") ignored.push(`\`${name}\``);
    else {
      const member = schema.properties?.[name];
      const texts = [treatments[treatment], note && `${note}.`].filter((text) => text !== "");
      if (typeof member === "object" && texts.length > 0) member.description ??= texts.join(" ");
    }
  }
  const dropped = ignored.length > 0 ? `, as ${ignored.join(", ")}` : "";
  schema.description = `Other members are dropped without a word${dropped}.`;
}
