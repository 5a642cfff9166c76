/** JSON schemas that end an engine, stop it for everybody, or never end. */
import { chatCase, type HostileCase, nestedText, schemaCase } from "./case.ts";

/** A schema nested too deep to be built as a value and stringified comfortably is written as text. */
function deepSchemaCase(name: string, depth: number): HostileCase {
  const schema = nestedText('{"type":"object","properties":{"a":', '{"type":"string"}', "}}", depth);
  const body = `{"model":"tiny-text","max_tokens":16,"messages":[{"role":"user","content":"say hello"}],
    "response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":${schema}}}}`;
  return { name, body };
}

const properties = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, { type: "string" }]));
const strings = (count: number) => Array.from({ length: count }, (_, index) => `value ${index}`);
const toolWith = (parameters: unknown) => [{ type: "function", function: { name: "act", parameters } }];

export const schemas: HostileCase[] = [
  deepSchemaCase("a schema 10,000 objects deep", 10_000),
  deepSchemaCase("a schema 5,000 objects deep", 5_000),
  deepSchemaCase("a schema 1,000 objects deep", 1_000),
  schemaCase("a pattern of 500 stars", { type: "string", pattern: `^${"a*".repeat(500)}$` }),
  schemaCase("a pattern of 60,000 alternatives", {
    type: "string",
    pattern: `^(${strings(60_000).join("|")})$`,
  }),
  schemaCase("a pattern of 60,000 nested groups", {
    type: "string",
    pattern: `^${nestedText("(", "a", ")", 60_000)}$`,
  }),
  schemaCase("a pattern of 100 nested groups", {
    type: "string",
    pattern: `^${nestedText("(", "a", ")", 90)}$`,
  }),
  schemaCase("a pattern that repeats a million times", { type: "string", pattern: "^(a|b){1000000}$" }),
  schemaCase("a pattern of nested repetitions", { type: "string", pattern: "^((a{99}){99}){99}$" }),
  schemaCase("a pattern of nested counts that may be nothing", {
    type: "string",
    pattern: "^((a{0,30}){0,30}){0,30}$",
  }),
  schemaCase("a pattern that is cut off", { type: "string", pattern: "^(a[b" }),
  schemaCase("a pattern with a range backwards", { type: "string", pattern: "^[z-a]{5,2}$" }),
  schemaCase("a pattern that looks ahead", { type: "string", pattern: "^(?=a)(?!b)(?<=c)\\1$" }),
  schemaCase("a pattern with a surrogate half", { type: "string", pattern: "^[\ud800]$" }),
  schemaCase("an enum of 50,000 strings", { enum: strings(50_000) }),
  schemaCase("an enum of objects", { enum: [{ a: [1, { b: null }] }, [], {}] }),
  schemaCase("an empty enum", { enum: [] }),
  schemaCase("5,000 properties", { type: "object", properties: properties(5_000) }),
  schemaCase("5,000 required properties", {
    type: "object",
    properties: properties(5_000),
    required: Object.keys(properties(5_000)),
  }),
  schemaCase("200 optional properties", { type: "object", properties: properties(200) }),
  schemaCase("a string of two billion characters", { type: "string", minLength: 2_000_000_000 }),
  schemaCase("an array of two billion items", { type: "array", items: {}, minItems: 2_000_000_000 }),
  schemaCase("a negative length", { type: "string", minLength: -5, maxLength: -10 }),
  schemaCase("a length that is no number", { type: "string", minLength: "many" }),
  schemaCase("bounds beyond any integer", { type: "integer", minimum: -1e308, maximum: 1e308 }),
  schemaCase("bounds the wrong way round", { type: "integer", minimum: 10, maximum: -10 }),
  schemaCase("a schema that is itself", { $ref: "#" }),
  schemaCase("two definitions that are each other", {
    $ref: "#/$defs/a",
    $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } },
  }),
  schemaCase("a tree of itself", {
    $defs: {
      node: {
        type: "object",
        properties: { left: { $ref: "#/$defs/node" }, right: { $ref: "#/$defs/node" } },
      },
    },
    $ref: "#/$defs/node",
  }),
  schemaCase("a reference to nowhere", { $ref: "#/$defs/missing" }),
  schemaCase("a reference to another host", { $ref: "http://127.0.0.1:9/schema.json" }),
  schemaCase("a reference to a file", { $ref: "file:///etc/passwd" }),
  schemaCase("alternatives that multiply", {
    allOf: Array.from({ length: 40 }, () => ({
      anyOf: [{ properties: properties(3) }, { properties: properties(4) }],
    })),
  }),
  schemaCase("an unknown type", { type: "potato" }),
  schemaCase("types that are numbers", { type: [1, 2, 3] }),
  schemaCase("properties that are a list", { type: "object", properties: [1, 2] }),
  schemaCase("an unknown format", { type: "string", format: "date-time-of-doom" }),
  schemaCase("a null schema", null),
  schemaCase("a schema that is false", false),
  schemaCase("a schema that is a string", "object"),
  schemaCase("a property with a name of control characters", {
    type: "object",
    properties: { '"\u0000\n\\': {} },
  }),
  chatCase("a tool with a schema 200 deep", {
    tools: toolWith(JSON.parse(nestedText('{"type":"array","items":', "{}", "}", 200))),
  }),
  chatCase("a tool with a hostile pattern", {
    tools: toolWith({
      type: "object",
      properties: { a: { type: "string", pattern: `^${"a*".repeat(500)}$` } },
    }),
    tool_choice: "required",
  }),
  chatCase("json_object with a schema beside it", {
    response_format: { type: "json_object", schema: { $ref: "#" } },
  }),
];
