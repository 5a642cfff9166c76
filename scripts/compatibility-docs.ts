/**
 * Writes docs/openai-compatibility.md from the notes and the schemas that requests are checked against:
 * `node --import tsx scripts/compatibility-docs.ts`.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { transcriptionNotes, translationNotes } from "../lib/compatibility/audio.ts";
import { chatNotes, completionNotes } from "../lib/compatibility/chat.ts";
import type { EndpointNotes, Treatment } from "../lib/compatibility/notes.ts";
import { embeddingsNotes, messagesNotes, rerankNotes, responsesNotes } from "../lib/compatibility/others.ts";

export const documentFile = path.resolve(import.meta.dirname, "../docs/openai-compatibility.md");

export const endpointNotes: readonly EndpointNotes[] = [
  chatNotes,
  completionNotes,
  responsesNotes,
  messagesNotes,
  embeddingsNotes,
  rerankNotes,
  transcriptionNotes,
  translationNotes,
];

const introduction = `# Compatibility

Made from the schemas that requests are checked against, by \`node --import tsx scripts/compatibility-docs.ts\`.

An application written for OpenAI's or Anthropic's API moves here by its base URL and its key. This page says what becomes
of each parameter. What is in no table is dropped without a word, and never reaches an engine.

- **honoured**: the gateway does it itself, or sees to it.
- **passed on**: the engine does it, as far as the model can.
- **accepted**: checked or echoed, without effect here.
- **ignored**: dropped; it would not change the answer of a model here.
- **refused**: a 400 that says why, as leaving it out would change the answer.

What no engine here can do, as an image for a model without eyes, is a 400 or a 404 that says which type of model to load.
`;

interface JsonSchema {
  type?: string;
  anyOf?: JsonSchema[];
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
}

/** The whole document. */
export function compatibilityDocument(): string {
  return [introduction, ...endpointNotes.map(section)].join("\n");
}

function section({ path: endpoint, api, schema, parameters }: EndpointNotes): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const rows = Object.entries(parameters).map(([name, { treatment, note }]) => {
    const values = Object.hasOwn(properties, name) ? valuesText(properties[name] as JsonSchema) : "";
    const mark = required.includes(name) ? " (required)" : "";
    return `| \`${name}\`${mark} | ${treatment} | ${values} | ${note === "" ? "" : `${note}.`} |`;
  });
  const head = ["| Parameter | What becomes of it | Values | |", "|---|---|---|---|"];
  return `## \`${endpoint}\`\n\n${api}'s API.\n\n${[...head, ...rows].join("\n")}\n`;
}

/** The bounds of a parameter, as far as they fit into a cell. */
function valuesText(schema: JsonSchema): string {
  const one = schema.anyOf?.find(({ type }) => type !== "null") ?? schema;
  if (one.enum) return one.enum.map((value) => `\`${value}\``).join(", ");
  const { minimum, maximum, maxLength, maxItems } = one;
  if (minimum !== undefined && maximum !== undefined && Math.abs(maximum) < Number.MAX_SAFE_INTEGER)
    return `${Math.max(minimum, Number.MIN_SAFE_INTEGER)} to ${maximum}`;
  if (maxLength !== undefined) return `at most ${maxLength} characters`;
  return maxItems === undefined ? "" : `at most ${maxItems}`;
}

/** How often each treatment occurs, for the closing line of a run by hand. */
function tally(): string {
  const counts = new Map<Treatment, number>();
  for (const { parameters } of endpointNotes)
    for (const { treatment } of Object.values(parameters))
      counts.set(treatment, (counts.get(treatment) ?? 0) + 1);
  return [...counts].map(([treatment, count]) => `${count} ${treatment}`).join(", ");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(documentFile, compatibilityDocument());
  console.log(`Wrote ${path.relative(process.cwd(), documentFile)}: ${tally()}.`);
}
