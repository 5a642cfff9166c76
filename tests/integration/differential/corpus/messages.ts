/** Bodies for `/v1/messages`. */
import { type Case, type Corpus, casesAround } from "../case.ts";

const say = (content: unknown) => [{ role: "user", content }];
const texts = (...list: string[]) => list.map((text) => ({ type: "text", text }));
const city = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const weather = { name: "get_weather", description: "The weather of a city", input_schema: city };
const time = { name: "get_time", input_schema: city };

const plain = casesAround({ messages: say("say hello"), temperature: 0, max_tokens: 60 });
const counting = casesAround({ messages: say("count"), temperature: 0, max_tokens: 16 });
const offered = casesAround({
  messages: say("say hello"),
  temperature: 0,
  max_tokens: 120,
  tools: [weather],
});
const thinking = (one: Case): Case => ({ ...one, model: "think" });

const answered = (content: unknown, more: object = {}) => [
  ...say("say hello"),
  {
    role: "assistant",
    content: [{ type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "hello" } }],
  },
  { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content, ...more }] },
];

const good: Case[] = [
  plain("a question", {}),
  plain("a question in blocks", { messages: say(texts("say", "hello")) }),
  plain("a system text", { system: "be brief" }),
  plain("system blocks", { system: texts("be", "brief") }, "blocks and turns"),
  plain("a talk", { messages: [...say("a"), { role: "assistant", content: "hello" }, ...say("say hello")] }),
  plain("two questions in a row", { messages: [...say("say"), ...say("hello")] }, "blocks and turns"),
  plain(
    "an answer in blocks",
    {
      messages: [
        ...say("a"),
        { role: "assistant", content: texts("one two three four five six", "six five four three two one") },
        ...say("b"),
      ],
    },
    "blocks and turns",
  ),
  plain(
    "an answer to go on with",
    { messages: [...say("say hello"), { role: "assistant", content: "hello from" }] },
    "answer to go on with",
  ),
  plain("cache control", {
    messages: say([{ type: "text", text: "say hello", cache_control: { type: "ephemeral" } }]),
  }),
  counting("a bound of length", {}),
  counting("one token", { max_tokens: 1 }),
  counting("a stop sequence", { stop_sequences: [" five"] }, "stop sequences"),
  counting("a stop sequence across tokens", { stop_sequences: ["hree fo"] }, "stop sequences"),
  counting("a stop sequence that never comes", { stop_sequences: ["never"] }),
  counting("no stop sequences", { stop_sequences: [] }),
  plain(
    "top_k of one, where many words would do",
    {
      messages: [...say("a"), { role: "assistant", content: "say" }],
      temperature: 1,
      top_k: 1,
      max_tokens: 12,
    },
    "answer to go on with",
  ),
  plain(
    "top_p of zero, where many words would do",
    {
      messages: [...say("a"), { role: "assistant", content: "say" }],
      temperature: 1,
      top_p: 0,
      max_tokens: 12,
    },
    "answer to go on with",
  ),
  plain(
    "a part of a stop sequence before the end",
    { max_tokens: 5, stop_sequences: [" test model"] },
    "part of a stop sequence",
  ),
  thinking(plain("a stop sequence in thoughts", { stop_sequences: [" a"] }, "stop sequences in thoughts")),
  thinking(
    plain("a stop sequence in a mark", { stop_sequences: ["</think>"] }, "stop sequences in thoughts"),
  ),
  plain("metadata", { metadata: { user_id: "me" } }),
  plain("letters of other scripts", { messages: say("grüße, 世界 🌍") }),
  thinking(plain("thinking", {})),
  thinking(plain("thinking by request", { thinking: { type: "enabled", budget_tokens: 1024 } })),
  thinking(plain("thinking off", { thinking: { type: "disabled" } })),
  thinking(plain("thinking that is cut", { max_tokens: 4 })),
];

const calls: Case[] = [
  offered("a tool", {}),
  offered("a required tool", { tool_choice: { type: "any" } }),
  offered("a tool that may be called", { tool_choice: { type: "auto" } }),
  offered("a tool that may not be called", { tool_choice: { type: "none" } }, "no tool"),
  offered(
    "two tools, the less likely one named",
    { tools: [weather, time], tool_choice: { type: "tool", name: "get_weather" } },
    "named tool",
  ),
  offered(
    "two tools, one of them named",
    { tools: [weather, time], tool_choice: { type: "tool", name: "get_time" } },
    "named tool",
  ),
  offered("one call at a time", { tool_choice: { type: "any", disable_parallel_tool_use: true } }),
  offered("a call that is cut", { max_tokens: 12, tool_choice: { type: "any" } }, "mark that is cut"),
  offered("a tool's answer", { messages: answered("hello") }),
  offered("a tool's answer in blocks", { messages: answered(texts("hello", "world")) }, "blocks and turns"),
  offered("a tool's answer without content", { messages: answered(undefined) }),
  offered("a tool's failure", { messages: answered("no", { is_error: true }) }),
];

const wrong: Case[] = [
  plain("no messages", { messages: undefined }, "malformed"),
  plain("messages as a number", { messages: 3 }, "wrong type"),
  plain("an empty list of messages", { messages: [] }, "missing or empty"),
  plain("a message that is text", { messages: ["say hello"] }),
  plain("a role of its own", { messages: [{ role: "wizard", content: "a" }] }, "unknown value"),
  plain("content of null", { messages: say(null) }, "missing or empty"),
  plain("an empty list of blocks", { messages: say([]) }, "missing or empty"),
  plain("a block of an unknown type", { messages: say([{ type: "smell" }]) }, "unknown value"),
  plain("no max_tokens", { max_tokens: undefined }, "missing or empty"),
  plain("max_tokens of zero", { max_tokens: 0 }, "out of bounds"),
  plain("temperature above 1", { temperature: 1.5 }, "out of bounds"),
  plain("top_p above 1", { top_p: 2 }, "out of bounds"),
  plain("stop sequences as text", { stop_sequences: "five" }, "wrong type"),
  plain("an empty stop sequence", { stop_sequences: [""] }, "missing or empty"),
  plain("a prompt that is too long", { messages: say("count ".repeat(2000)) }),
  offered("a tool without a schema", { tools: [{ name: "a" }] }, "missing or empty"),
  offered("a tool without a name", { tools: [{ input_schema: city }] }, "missing or empty"),
  offered(
    "a tool that Anthropic runs",
    { tools: [{ type: "web_search_20250305", name: "web_search" }] },
    "tools of others",
  ),
  offered("an unknown choice", { tool_choice: { type: "maybe" } }, "unknown value"),
  offered(
    "the choice of a tool that is not there",
    { tool_choice: { type: "tool", name: "get_time" } },
    "choice of no tool",
  ),
  plain(
    "an image without eyes",
    {
      messages: say([{ type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } }]),
    },
    "no eyes or ears",
  ),
  plain("thinking of an unknown type", { thinking: { type: "deep" } }, "unknown value"),
];

export const messages: Corpus = {
  endpoint: "messages",
  cases: [...good, ...calls, ...wrong],
  always: "ids of messages",
};
