/** Bodies for `/v1/chat/completions` with tools or with a form for the answer. */
import { type Case, type Corpus, casesAround } from "../case.ts";

const say = (content: unknown) => [{ role: "user", content }];
const tool = (name: string, parameters?: unknown) => ({ type: "function", function: { name, parameters } });
const city = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const weather = tool("get_weather", city);
const time = tool("get_time", city);
const choose = (name: unknown) => ({ type: "function", function: { name } });

const offered = casesAround({
  messages: say("say hello"),
  temperature: 0,
  max_tokens: 120,
  tools: [weather],
});
const asked = casesAround({ messages: say("say hello"), temperature: 0, max_tokens: 120 });
const schema = (name: string, value: unknown, ...differs: Parameters<typeof asked>[2][]): Case =>
  asked(
    name,
    { response_format: { type: "json_schema", json_schema: { name: "answer", schema: value } } },
    ...differs,
  );
const object = (properties: object, more: object = {}) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});

const answered = (content: unknown) => [
  ...say("say hello"),
  {
    role: "assistant",
    content: null,
    tool_calls: [
      { id: "1", type: "function", function: { name: "get_weather", arguments: '{"city":"hello"}' } },
    ],
  },
  { role: "tool", tool_call_id: "1", content },
];

const calls: Case[] = [
  offered("a tool", {}),
  offered("a required tool", { tool_choice: "required" }),
  offered("a tool that may be called", { tool_choice: "auto" }),
  offered("a tool that may not be called", { tool_choice: "none" }, "no tool"),
  offered("two tools", { tools: [weather, time] }),
  offered(
    "two tools, the less likely one named",
    { tools: [weather, time], tool_choice: choose("get_weather") },
    "named tool",
  ),
  offered(
    "two tools, one of them named",
    { tools: [weather, time], tool_choice: choose("get_time") },
    "named tool",
  ),
  offered("two tools, either required", { tools: [weather, time], tool_choice: "required" }),
  offered("the only tool by its name", { tool_choice: choose("get_weather") }),
  offered("one call at a time", { parallel_tool_calls: false }),
  offered("calls side by side", { parallel_tool_calls: true }),
  offered("a call that is cut", { max_tokens: 6 }, "mark that is cut"),
  offered("a required call that is cut", { max_tokens: 12, tool_choice: "required" }, "mark that is cut"),
  offered("a tool without parameters", { tools: [tool("ping")], tool_choice: "required" }),
  offered("a tool with a description", {
    tools: [
      { ...weather, function: { ...weather.function, description: "The weather of a city", strict: true } },
    ],
  }),
  offered("no tools", { tools: [] }),
  offered("a tool's answer", { messages: answered("hello") }),
  offered("a tool's answer in parts", { messages: answered([{ type: "text", text: "hello" }]) }),
  offered("an empty answer of a tool", { messages: answered("") }),
  offered("a tool's answer, and a call required again", {
    messages: answered("hello"),
    tool_choice: "required",
  }),
  asked("a tool's answer without tools", { messages: answered("hello") }),
  offered("logprobs with a tool", { logprobs: true }, "logprobs with tools"),
  offered("a call, with a stop", { stop: ["never"] }),
  offered("two choices of calls", { n: 2 }, "usage of all"),
];

const wrongTools: Case[] = [
  offered("tools as an object", { tools: weather }, "malformed"),
  offered("tools as text", { tools: "get_weather" }, "malformed"),
  offered("a tool that is a number", { tools: [3] }, "malformed"),
  offered("a tool without a function", { tools: [{ type: "function" }] }, "malformed"),
  offered(
    "a tool without a name",
    { tools: [{ type: "function", function: { parameters: city } }] },
    "malformed",
  ),
  offered("a tool of another type", { tools: [{ type: "retrieval" }] }, "malformed"),
  offered("a tool whose name has blanks", { tools: [tool("get the weather", city)] }, "out of bounds"),
  offered("a tool whose parameters are text", { tools: [tool("a", "object")] }),
  offered("a tool whose parameters are no schema", {
    tools: [tool("a", { type: "thing" })],
    tool_choice: "required",
  }),
  offered("an unknown choice", { tool_choice: "maybe" }),
  offered("a choice that is a number", { tool_choice: 3 }, "wrong type"),
  offered("the choice of a tool that is not there", { tool_choice: choose("get_time") }, "choice of no tool"),
  asked("a choice without tools", { tool_choice: "required" }, "choice of no tool"),
  offered(
    "an answer of a tool without an id",
    {
      messages: [...answered("a").slice(0, 2), { role: "tool", content: "hello" }],
    },
    "missing or empty",
  ),
  offered(
    "a call without a function",
    {
      messages: [...say("a"), { role: "assistant", tool_calls: [{ id: "1", type: "function" }] }],
    },
    "malformed",
  ),
  offered(
    "a call whose arguments are an object",
    {
      messages: [
        ...say("a"),
        {
          role: "assistant",
          tool_calls: [{ id: "1", type: "function", function: { name: "a", arguments: {} } }],
        },
        { role: "tool", tool_call_id: "1", content: "hello" },
      ],
    },
    "wrong type",
  ),
  offered(
    "a call whose arguments are no JSON",
    {
      messages: [
        ...say("a"),
        {
          role: "assistant",
          tool_calls: [{ id: "1", type: "function", function: { name: "a", arguments: "{" } }],
        },
        { role: "tool", tool_call_id: "1", content: "hello" },
      ],
    },
    "what only the engine reads",
  ),
  offered(
    "an empty list of calls",
    { messages: [...say("say hello"), { role: "assistant", content: "a", tool_calls: [] }] },
    "missing or empty",
  ),
  offered("side by side as text", { parallel_tool_calls: "yes" }, "wrong type"),
];

const schemas: Case[] = [
  schema("a schema of text", object({ text: { type: "string" } })),
  schema("a schema of two fields", object({ text: { type: "string" }, more: { type: "string" } })),
  schema("a schema of an enum", object({ text: { enum: ["one", "two"] } })),
  schema("a schema of a constant", object({ text: { const: "hello" } })),
  schema("a schema of a number", object({ count: { type: "integer", minimum: 1, maximum: 9 } })),
  schema("a schema of a boolean", object({ yes: { type: "boolean" } })),
  schema(
    "a schema of a list",
    object({ list: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 2 } }),
  ),
  schema("a schema of bounded text", object({ text: { type: "string", minLength: 2, maxLength: 4 } })),
  schema("a schema with a pattern", object({ text: { type: "string", pattern: "^(one|two)$" } })),
  schema("a schema of alternatives", {
    anyOf: [object({ a: { type: "string" } }), object({ b: { type: "null" } })],
  }),
  schema("a schema with definitions", {
    ...object({ one: { $ref: "#/$defs/text" } }),
    $defs: { text: { type: "string" } },
  }),
  schema("a schema with definitions in each other", {
    ...object({ child: { $ref: "#/$defs/node" } }),
    $defs: { node: object({ text: { const: "a" } }) },
  }),
  schema("a schema of nested objects", object({ a: object({ b: object({ c: { type: "string" } }) }) })),
  schema("a schema of any text", { type: "string" }),
  schema("an answer of a schema that is cut", object({ text: { type: "string" } })),
  asked("a strict schema", {
    response_format: {
      type: "json_schema",
      json_schema: { name: "answer", strict: true, schema: object({ text: { type: "string" } }) },
    },
  }),
  asked("JSON of any form", { response_format: { type: "json_object" }, max_tokens: 40 }),
  asked("plain text", { response_format: { type: "text" } }),
  asked("a form of null", { response_format: null }),
  asked(
    "a schema, with logprobs",
    {
      logprobs: true,
      response_format: {
        type: "json_schema",
        json_schema: { name: "answer", schema: object({ a: { const: "one" } }) },
      },
    },
    "logprobs as streamed",
  ),
  asked(
    "two choices by a schema",
    {
      n: 2,
      response_format: {
        type: "json_schema",
        json_schema: { name: "answer", schema: object({ a: { const: "one" } }) },
      },
    },
    "usage of all",
  ),
];

const wrongSchemas: Case[] = [
  schema("a schema that is text", "string", "wrong type"),
  schema("a schema of an unknown type", { type: "thing" }),
  schema("a schema with a reference to nothing", { $ref: "#/$defs/nothing" }),
  schema("a schema with a reference to another place", { $ref: "https://example.com/schema.json" }),
  schema("a schema with a pattern that is none", object({ text: { type: "string", pattern: "^(a$" } })),
  schema("a schema with a pattern without anchors", object({ text: { type: "string", pattern: "one" } })),
  asked("an unknown form", { response_format: { type: "yaml" } }),
  asked("a form that is text", { response_format: "json" }, "wrong type"),
  asked("a form without a schema", { response_format: { type: "json_schema" } }, "missing or empty"),
  asked(
    "a schema without a name",
    {
      response_format: { type: "json_schema", json_schema: { schema: object({ a: { const: "one" } }) } },
    },
    "missing or empty",
  ),
  offered("a tool and a schema", {
    response_format: {
      type: "json_schema",
      json_schema: { name: "answer", schema: object({ a: { const: "one" } }) },
    },
  }),
];

export const tools: Corpus = {
  endpoint: "chat/completions",
  cases: [...calls, ...wrongTools, ...schemas, ...wrongSchemas],
};
