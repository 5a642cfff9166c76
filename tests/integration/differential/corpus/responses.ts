/** Bodies for `/v1/responses`. */
import { type Case, type Corpus, casesAround } from "../case.ts";

const user = (content: unknown) => ({ role: "user", content });
const city = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const weather = { type: "function", name: "get_weather", parameters: city };
const time = { type: "function", name: "get_time", parameters: city };
const schema = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };

const plain = casesAround({ input: "say hello", temperature: 0, max_output_tokens: 60 });
const counting = casesAround({ input: "count", temperature: 0, max_output_tokens: 12 });
/** By chance among all tokens, so that the words depend on every number. */
const chance = casesAround({
  input: "count",
  temperature: 2,
  seed: 1,
  top_k: 0,
  top_p: 1,
  min_p: 0,
  max_output_tokens: 12,
});
const offered = casesAround({ input: "say hello", temperature: 0, max_output_tokens: 120, tools: [weather] });
const thinking = (one: Case): Case => ({ ...one, model: "think" });

const call = { type: "function_call", call_id: "call_1", name: "get_weather", arguments: '{"city":"hello"}' };
const output = { type: "function_call_output", call_id: "call_1", output: "hello" };

const good: Case[] = [
  plain("a text", {}),
  plain("a message", { input: [user("say hello")] }),
  plain("a message with its type", { input: [{ type: "message", ...user("say hello") }] }),
  plain("a message in parts", { input: [user([{ type: "input_text", text: "say hello" }])] }),
  plain("instructions", { instructions: "be brief" }),
  plain("a developer message", { input: [{ role: "developer", content: "be brief" }, user("say hello")] }),
  plain("a talk", {
    input: [
      user("a"),
      {
        type: "message",
        role: "assistant",
        content: [{ type: "output_text", text: "hello", annotations: [] }],
      },
      user("say hello"),
    ],
  }),
  counting("a bound of length", {}, "responses that are cut"),
  chance("a seed", {}, "responses that are cut"),
  chance("top_p", { top_p: 0.5 }, "responses that are cut"),
  chance("top_k", { top_k: 2 }, "responses that are cut"),
  chance("min_p", { min_p: 0.1 }, "responses that are cut"),
  chance("presence_penalty", { presence_penalty: 2 }),
  chance("frequency_penalty", { frequency_penalty: 2 }),
  chance("a bias", { logit_bias: { 370: 100 } }, "responses that are cut"),
  plain(
    "log probabilities",
    { include: ["message.output_text.logprobs"], top_logprobs: 2 },
    "log probabilities of a response",
  ),
  plain(
    "a schema",
    { text: { format: { type: "json_schema", name: "answer", schema } } },
    "form of a response",
  ),
  plain("a form of text", { text: { format: { type: "text" } } }),
  plain("what is only echoed", { metadata: { a: "b" }, user: "me", store: false, truncation: "disabled" }),
  thinking(plain("thinking", {}, "status of items")),
  thinking(
    plain("thinking that is cut", { max_output_tokens: 4 }, "responses that are cut", "status of items"),
  ),
  thinking(plain("effort", { reasoning: { effort: "low" } }, "status of items")),
];

const calls: Case[] = [
  offered("a function", {}),
  offered("a required function", { tool_choice: "required" }),
  offered("a function that may not be called", { tool_choice: "none" }, "no tool"),
  offered(
    "two functions, the less likely one named",
    { tools: [weather, time], tool_choice: { type: "function", name: "get_weather" } },
    "named tool",
  ),
  offered(
    "two functions, one of them named",
    { tools: [weather, time], tool_choice: { type: "function", name: "get_time" } },
    "named tool",
  ),
  offered(
    "a call that is cut",
    { tool_choice: "required", max_output_tokens: 12 },
    "responses that are cut",
    "mark that is cut",
  ),
  offered("a function's output", { input: [user("say hello"), call, output] }),
  offered("one call at a time", { parallel_tool_calls: false }),
];

const wrong: Case[] = [
  plain("no input", { input: undefined }),
  plain("an input of null", { input: null }),
  plain("an empty list of items", { input: [] }, "missing or empty"),
  plain("an input that is a number", { input: 3 }),
  plain("an item that is text", { input: ["say hello"] }),
  plain("an item of an unknown type", { input: [{ type: "smell" }] }),
  plain("a part of an unknown type", { input: [user([{ type: "smell" }])] }),
  plain("a role of its own", { input: [{ role: "wizard", content: "a" }] }),
  plain("an earlier response", { previous_response_id: "resp_1" }),
  plain("a response in the background", { background: true }, "what is kept"),
  plain("a conversation", { conversation: "conv_1" }, "what is kept"),
  plain("max_output_tokens of zero", { max_output_tokens: 0 }, "out of bounds"),
  plain("temperature above 2", { temperature: 3, seed: 1 }, "out of bounds"),
  plain("an input that is too long", { input: "count ".repeat(2000) }),
  offered("a tool that OpenAI runs", { tools: [{ type: "web_search_preview" }] }, "tools of others"),
  offered("a function without a name", { tools: [{ type: "function", parameters: city }] }, "malformed"),
  offered("an unknown choice", { tool_choice: "maybe" }),
  plain("an unknown form", { text: { format: { type: "yaml" } } }, "unknown value"),
];

export const responses: Corpus = { endpoint: "responses", cases: [...good, ...calls, ...wrong] };
