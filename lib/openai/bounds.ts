/**
 * Bounds on the free-form JSON that reaches an engine's grammar compiler. Beyond them llama-server was seen to abort
 * (schemas 10,000 levels deep) or to stall for every client (long patterns, 50,000 enum values).
 */
import { GatewayError } from "../errors.ts";

const maxDepth = 64;
const maxNodes = 20_000;
const maxTextLength = 120_000;
const maxProperties = 1_000;
const maxEnumValues = 1_000;
const maxRepetitions = 1_000;
const maxPatternLength = 200;
const maxPatternOperators = 16;

const repetitionKeywords = [
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
];

/**
 * Checks a JSON schema, or any JSON, that a client wants an engine to compile.
 * @param path where it stands in the request, for the error's `param`
 * @throws GatewayError 400 that names the bound
 */
export function checkSchema(schema: unknown, path: string): void {
  const refuse = (what: string) => {
    throw new GatewayError("invalid_request", `The schema is too complex: ${what}.`, { param: path });
  };
  let nodes = 0;
  let textLength = 0;
  let properties = 0;
  let enumValues = 0;
  const pending: { value: unknown; depth: number }[] = [{ value: schema, depth: 1 }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const { value, depth } = item;
    if (depth > maxDepth) refuse(`at most ${maxDepth} levels`);
    if (++nodes > maxNodes) refuse(`at most ${maxNodes} values`);
    if (typeof value === "string") textLength += value.length;
    if (typeof value !== "object" || value === null) continue;
    if (Array.isArray(value)) {
      if (value.length > maxNodes) refuse(`at most ${maxNodes} values`);
      for (const element of value) pending.push({ value: element, depth: depth + 1 });
      continue;
    }
    for (const [name, member] of Object.entries(value)) {
      textLength += name.length;
      if (name === "properties" && isObject(member)) properties += Object.keys(member).length;
      if (name === "enum" && Array.isArray(member)) enumValues += member.length;
      if (name === "pattern" && typeof member === "string") checkPattern(member, path);
      if (repetitionKeywords.includes(name) && typeof member === "number" && member > maxRepetitions)
        refuse(`\`${name}\` at most ${maxRepetitions}`);
      pending.push({ value: member, depth: depth + 1 });
    }
    if (properties > maxProperties) refuse(`at most ${maxProperties} properties`);
    if (enumValues > maxEnumValues) refuse(`at most ${maxEnumValues} enum values`);
    if (textLength > maxTextLength) refuse(`at most ${maxTextLength} characters`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Bounds what a regular expression can cost when it becomes a grammar. */
function checkPattern(pattern: string, path: string): void {
  const refuse = (what: string) => {
    throw new GatewayError("invalid_request", `A \`pattern\` is too complex: ${what}.`, { param: path });
  };
  if (pattern.length > maxPatternLength) refuse(`at most ${maxPatternLength} characters`);
  if ((pattern.match(/[*+?|{]/g)?.length ?? 0) > maxPatternOperators)
    refuse(`at most ${maxPatternOperators} of the operators * + ? | {`);
  for (const [, digits] of pattern.matchAll(/[{,](\d+)/g))
    if (Number(digits) > maxRepetitions) refuse(`repetitions of at most ${maxRepetitions}`);
}

/**
 * True when JSON text nests deeper than any engine's parser should be asked to follow. Brackets inside strings do not
 * count; text that is no JSON is read up to where a parser would stop as well.
 */
export function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "[" || character === "{") {
      if (++depth > maxDepth) return true;
    } else if (character === "]" || character === "}") depth--;
  }
  return false;
}
