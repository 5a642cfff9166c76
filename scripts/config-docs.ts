/**
 * Writes docs/configuration.md from the schemas: `node --import tsx scripts/config-docs.ts`. With `--check` it writes
 * nothing and exits 1 when the file is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import {
  configOutline,
  entriesOf,
  isRequired,
  namedKeys,
  type Outline,
  outlineOf,
} from "../lib/config/outline.ts";
import { environmentSchema } from "../lib/env.ts";

export const documentFile = path.resolve(import.meta.dirname, "../docs/configuration.md");

const introduction = `# Configuration

Generated from \`lib/config/schema.ts\` and \`lib/env.ts\` by \`node --import tsx scripts/config-docs.ts\`.

## Environment variables

An empty value counts as unset.
`;

const aboutTheFile = `## \`config.json\`

It lies in the data folder and is created on the first start, readable by its owner alone. A change takes effect as soon
as the file is saved, or as it is made over the admin API, unless the table says what must be restarted. A wrong value is
named by its path in the log, and what was in force stays in force; at the start it is an error. Unknown keys are kept.
Keys that are absent have their default. In \`PATCH /admin/api/config\` (a JSON Merge Patch), \`null\` takes a key out of
the file, and secrets are shown masked: a masked secret that is sent back changes nothing.
`;

/** The whole document. */
export function configurationDocument(): string {
  const environment = z.toJSONSchema(environmentSchema, { io: "output" });
  return [
    introduction,
    table(
      ["Variable", "Default", "Meaning"],
      namedKeys(environment).map((key) => row(environment, key, false)),
    ),
    aboutTheFile,
    ...sections(configOutline, ""),
  ].join("\n");
}

/** The table of a section, then the sections in it. */
function sections(section: Outline, prefix: string): string[] {
  const keys = namedKeys(section);
  const rows = keys.map((key) => row(section, key, true));
  const heading = prefix === "" ? [] : [`### \`${prefix.slice(0, -1)}\`\n`];
  const inner = keys.flatMap((key) => innerSections(outlineOf(section, key), prefix + key));
  return [...heading, table(["Key", "Default", "Values", "Meaning"], rows), ...inner];
}

function innerSections(outline: Outline, name: string): string[] {
  if (namedKeys(outline).length > 0) return sections(outline, `${name}.`);
  const entries = entriesOf(outline);
  if (!entries || namedKeys(entries).length === 0) return [];
  return sections(entries, `${name}.{${outline.entry ?? "name"}}.`);
}

function row(section: Outline, key: string, withValues: boolean): string[] {
  const outline = outlineOf(section, key);
  const meaning = [outline.description ?? "", ...notes(outline)].filter((text) => text !== "").join(". ");
  const values = withValues ? [valuesText(outline)] : [];
  return [`\`${key}\``, defaultText(outline, section, key), ...values, `${meaning}.`];
}

function notes(outline: Outline): string[] {
  if (outline.secret === true) return ["Secret"];
  if (outline.restart === "slot") return ["Takes effect when a slot is loaded or restarted"];
  if (outline.restart === "gateway") return ["Takes effect when the gateway is restarted"];
  return [];
}

function defaultText(outline: Outline, section: Outline, key: string): string {
  if (typeof outline.defaultText === "string") return outline.defaultText;
  if (outline.default === undefined) return isRequired(section, key) ? "required" : "none";
  if (outline.default === null) return "none";
  return JSON.stringify(outline.default) === "{}" ? "" : `\`${JSON.stringify(outline.default)}\``;
}

/** What a key may hold, in few words. */
function valuesText(outline: Outline): string {
  if (outline.anyOf) {
    const texts = outline.anyOf.map((one) => (typeof one === "object" ? valuesText(one) : ""));
    return [...new Set(texts)].filter((text) => text !== "").join(", or ");
  }
  if (outline.enum) return outline.enum.map((value) => `\`${value}\``).join(", ");
  if (outline.const !== undefined) return `\`${outline.const}\``;
  if (outline.type === "null") return "`null`";
  if (outline.type === "boolean") return "`true`, `false`";
  if (outline.type === "array") return "list";
  if (outline.type === "object") return namedKeys(outline).length > 0 ? "section" : "by name";
  if (outline.type === "integer" || outline.type === "number") return rangeText(outline);
  return outline.format === "uri" ? "address" : "text";
}

function rangeText({ type, minimum, exclusiveMinimum, maximum }: Outline): string {
  const kind = type === "integer" ? "whole number" : "number";
  const least = minimum ?? exclusiveMinimum;
  const most = maximum === undefined || maximum >= 1e9 ? undefined : maximum.toLocaleString("en");
  if (least === undefined) return kind;
  return most === undefined ? `${kind} from ${least}` : `${kind}, ${least} to ${most}`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return `${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const document = configurationDocument();
  if (!process.argv.includes("--check")) writeFileSync(documentFile, document);
  else if (readFileSync(documentFile, "utf8") !== document) {
    console.error("docs/configuration.md is stale: run `node --import tsx scripts/config-docs.ts`.");
    process.exitCode = 1;
  }
}
