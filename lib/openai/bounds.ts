/**
 * Bounds on what a request may hold, and on the free-form JSON in it that reaches an engine's grammar compiler. Beyond
 * those llama-server was seen to abort (schemas 10,000 levels deep) or to stall for every client (50,000 enum values,
 * ranges the wrong way round).
 */
import { GatewayError } from "../errors.ts";
import { maxLevels, type TextBounds } from "../json-text.ts";
import { patternFault } from "./schema-pattern.ts";

/**
 * Of a request's body. All of the process waits while a body is parsed and checked, for some microseconds a value; a long
 * talk of 10,000 messages has 30,000 values, a hundred tools about as many.
 */
export const bodyBounds: TextBounds = { levels: 128, values: 100_000 };

/** Messages of a talk, and parts of a message: OpenAI sets no bound to them. */
export const maxListEntries = 10_000;
/** Entries of an object that a client may fill as it likes: what lies deeper is counted by `checkSchema`. */
export const maxObjectEntries = 1_000;

const maxNodes = 20_000;
const maxTextLength = 120_000;
const maxProperties = 1_000;
const maxEnumValues = 1_000;
const maxRepetitions = 1_000;

/** What a schema amounts to, counted while it is walked. */
interface Tally {
  depth: number;
  values: number;
  characters: number;
  properties: number;
  enumValues: number;
}

const bounds: readonly { of: keyof Tally; most: number; text: string }[] = [
  { of: "depth", most: maxLevels, text: "levels" },
  { of: "values", most: maxNodes, text: "values" },
  { of: "characters", most: maxTextLength, text: "characters" },
  { of: "properties", most: maxProperties, text: "properties" },
  { of: "enumValues", most: maxEnumValues, text: "enum values" },
];

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
  for (const { of, most, text } of bounds)
    if (tally[of] > most)
      throw new GatewayError(
        "invalid_request",
        `The schema cannot be used: it may have at most ${most} ${text}.`,
        { param: path },
      );
}

/** Counts what the keywords of one schema object ask for. */
function countMembers(schema: object, tally: Tally, path: string): void {
  const refuse = (what: string) => {
    throw new GatewayError("invalid_request", `The schema cannot be used: ${what}.`, { param: path });
  };
  for (const [name, member] of Object.entries(schema)) {
    tally.characters += name.length;
    if (name === "properties" && isObject(member)) tally.properties += Object.keys(member).length;
    if (name === "enum" && Array.isArray(member)) tally.enumValues += member.length;
    if (name === "pattern" && typeof member === "string") {
      const fault = patternFault(member);
      if (fault) refuse(`a \`pattern\` may have ${fault}`);
    }
  }
  for (const [least, most, largest] of ranges) {
    const fault = rangeFault(schema, least, most, largest);
    if (fault) refuse(fault);
  }
}

/** Pairs of keywords, and how large they may be: llama-server loops for ever over a range the wrong way round. */
const ranges = [
  ["minLength", "maxLength", maxRepetitions],
  ["minItems", "maxItems", maxRepetitions],
  ["minProperties", "maxProperties", maxRepetitions],
  ["minimum", "maximum", Number.MAX_SAFE_INTEGER],
  ["exclusiveMinimum", "exclusiveMaximum", Number.MAX_SAFE_INTEGER],
] as const;

function rangeFault(schema: object, least: string, most: string, largest: number): string | null {
  const bounds = new Map(Object.entries(schema).filter(([name]) => name === least || name === most));
  for (const [name, value] of bounds) {
    if (isObject(value)) return null; // A property of this name.
    if (typeof value !== "number" || Math.abs(value) > largest)
      return `\`${name}\` may be at most ${largest}`;
    if (value < 0 && largest === maxRepetitions) return `\`${name}\` may not be negative`;
  }
  return Number(bounds.get(least) ?? -Infinity) > Number(bounds.get(most) ?? Infinity)
    ? `\`${least}\` may not be more than \`${most}\``
    : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
