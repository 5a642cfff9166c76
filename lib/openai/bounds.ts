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

/** What a schema amounts to, counted while it is walked. */
interface Tally {
  depth: number;
  values: number;
  characters: number;
  properties: number;
  enumValues: number;
}

const bounds: Record<keyof Tally, { most: number; text: string }> = {
  depth: { most: maxDepth, text: "levels" },
  values: { most: maxNodes, text: "values" },
  characters: { most: maxTextLength, text: "characters" },
  properties: { most: maxProperties, text: "properties" },
  enumValues: { most: maxEnumValues, text: "enum values" },
};

/**
 * Checks a JSON schema, or any JSON, that a client wants an engine to compile.
 * @param path where it stands in the request, for the error's `param`
 * @throws GatewayError 400 that names the bound
 */
export function checkSchema(schema: unknown, path: string): void {
  const tally: Tally = { depth: 0, values: 1, characters: 0, properties: 0, enumValues: 0 };
  const pending: { value: unknown; depth: number }[] = [{ value: schema, depth: 1 }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const { value, depth } = item;
    tally.depth = Math.max(tally.depth, depth);
    if (typeof value === "string") tally.characters += value.length;
    if (typeof value === "object" && value !== null) {
      if (!Array.isArray(value)) countMembers(value, tally, path);
      const members = Object.values(value);
      tally.values += members.length;
      refuseBeyondBounds(tally, path); // Before a million members are queued.
      for (const member of members) pending.push({ value: member, depth: depth + 1 });
    }
    refuseBeyondBounds(tally, path);
  }
}

function refuseBeyondBounds(tally: Tally, path: string): void {
  for (const [name, { most, text }] of Object.entries(bounds))
    if (tally[name as keyof Tally] > most)
      throw new GatewayError("invalid_request", `The schema is too complex: at most ${most} ${text}.`, {
        param: path,
      });
}

/** Counts what the keywords of one schema object ask for. */
function countMembers(schema: object, tally: Tally, path: string): void {
  for (const [name, member] of Object.entries(schema)) {
    tally.characters += name.length;
    if (name === "properties" && isObject(member)) tally.properties += Object.keys(member).length;
    if (name === "enum" && Array.isArray(member)) tally.enumValues += member.length;
    if (name === "pattern" && typeof member === "string") checkPattern(member, path);
    if (repetitionKeywords.includes(name) && typeof member === "number" && member > maxRepetitions)
      throw new GatewayError(
        "invalid_request",
        `The schema is too complex: \`${name}\` at most ${maxRepetitions}.`,
        {
          param: path,
        },
      );
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
