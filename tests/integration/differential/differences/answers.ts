/** Answers that the gateway mends, or that llama-server gives differently when it streams. */
import { type Finding, httpStatus } from "../compare.ts";
import { type Difference, refused, told } from "./difference.ts";

type Values = Pick<Finding, "direct" | "gateway">;
const isMore = ({ direct, gateway }: Values) => Number(gateway) > Number(direct);
const isLess = ({ direct, gateway }: Values) => Number(gateway) < Number(direct);
const goesOn = ({ direct, gateway }: Values) => String(gateway).startsWith(String(direct));

export const answerDifferences = {
  "usage of all": {
    sent: "Several choices, or several prompts",
    direct: "counts one of them in `usage`",
    gateway: "counts all of them, the prompt of several choices once",
    reason: "It is what was computed, and what is charged",
    covers: told(/^usage\.(?:prompt|completion|total)$/, isMore),
  },
  "answer to go on with": {
    sent: "A last message of the assistant's, not streamed",
    direct: "repeats the message before what it adds",
    gateway: "gives what was added, as every stream does",
    reason: "Whole answers are gathered from streams, so both are the same",
    covers: told(
      /\.text$/,
      ({ view, direct, gateway }) => view === "whole" && String(direct).endsWith(String(gateway)),
    ),
  },
  "mark that is cut": {
    sent: "A `max_tokens` that ends in the middle of a tool call, or of a mark around thoughts, not streamed",
    direct: "shows the raw beginning as text",
    gateway: "shows what a stream has: no such text",
    reason: "It is no text for a reader",
    covers: told(
      /^(?:choices\[0\]\.text|blocks\[0\]|items\[0\]\.text|pieces)$/,
      ({ view, direct }) => view === "whole" && JSON.stringify(direct).includes("<t"),
    ),
  },
  "logprobs as streamed": {
    sent: "`logprobs`, not streamed",
    direct: "lists also tokens without text, as marks around thoughts; lists none where a stop cut a token",
    gateway: "lists those of the stream",
    reason: "Whole answers are gathered from streams, so both are the same",
    covers: told(/^choices\[0\]\.logprobs(?:\.tokens|$)/, ({ view }) => view === "whole"),
  },
  "logprobs with tools": {
    sent: "`logprobs` with `tools`, not streamed",
    direct: "gives both; streamed it is a 400",
    gateway: "400 either way",
    reason: "Only a stream can be ended when its client leaves, so llama-server is always asked for one",
    covers: (finding, one) => finding.view === "whole" && refused(2)(finding, one),
  },
  "max_tokens beyond 32 bits": {
    sent: "`max_tokens: 1099511627776`",
    direct: "one token",
    gateway: "as many as the context holds",
    reason: "The number overflows in the engine",
    covers: told(/^choices\[0\]\.(?:text|finish)$|^usage\./, (finding) =>
      finding.path.endsWith("finish") ? finding.direct === "length" : isMore(finding) || goesOn(finding),
    ),
  },
  "no tool": {
    sent: "`tool_choice` of `none`",
    direct:
      "leaves the tools in the prompt, and what the model makes of them in the text; calls them for `/v1/messages`",
    gateway: "does not show the tools to the model",
    reason: "So it answers, as was asked; the prompt is shorter",
    covers: told(
      /^(?:choices|blocks|items)\[0\]\.(?:text|type|hasId|name|input)|^pieces$|^stop$|^usage\./,
      ({ path, ...counts }) => !path.startsWith("usage") || isLess(counts),
    ),
  },
  "named tool": {
    sent: "`tool_choice` that names a tool",
    direct: "lets the model choose among all",
    gateway: "shows the model that tool alone, and requires a call",
    reason: "As at OpenAI and Anthropic; the prompt is shorter",
    covers: told(
      /^choices\[0\]\.calls\[0\]\.name$|^(?:blocks|items)\[0\]\.name$|^usage\.(?:prompt|completion|total)$/,
      (finding) => (finding.path.endsWith("name") ? finding.gateway === "get_weather" : true),
    ),
  },
  "older log probabilities": {
    sent: "`logprobs` to `/v1/completions`",
    direct: "has the shape of chats",
    gateway: "has this API's own: `tokens`, `token_logprobs`, `top_logprobs`, `text_offset`",
    reason: "OpenAI's clients read that",
    covers: told(/^choices\[\d\]\.logprobs\.shape$/, ({ gateway }) => gateway === "completions"),
  },
  "chosen token": {
    sent: "`logprobs` to `/v1/completions`, where the chosen token is none of the likeliest",
    direct: "lists the likeliest in `top_logprobs`",
    gateway: "lists the chosen one besides",
    reason: "As at OpenAI",
    covers: told(/^choices\[0\]\.logprobs\.tokens\[\d+\]\.top\./, ({ direct }) => direct === undefined),
  },
  "logprobs of zero": {
    sent: "`logprobs: 0` to `/v1/completions`",
    direct: "gives none",
    gateway: "gives that of each token, without alternatives",
    reason: "As at OpenAI",
    covers: told(/^choices\[0\]\.logprobs$/, ({ direct }) => direct === null),
  },
  "token of a stop": {
    sent: "`logprobs` with `stop` to `/v1/completions`",
    direct:
      "names the token that begins the stop by what is sent of it when streamed, and leaves it out else",
    gateway: "names it by its own text",
    reason: "It was generated and is in `usage`",
    covers: told(
      /^choices\[0\]\.logprobs(?:\.tokens\[\d\](?:\.token)?)?$/,
      ({ direct, gateway }) => direct == null || goesOn({ direct, gateway }),
    ),
  },
  echo: {
    sent: "`echo`",
    direct: "drops it",
    gateway: "puts the prompt before the text",
    reason: "As at OpenAI",
    covers: told(/^choices\[0\]\.text$/, ({ direct, gateway }) => gateway === `say hello${direct}`),
  },
  "usage unasked": {
    sent: "A stream of `/v1/completions` without `include_usage`",
    direct: "tells the usage",
    gateway: "tells it only where it was asked for",
    reason: "As at OpenAI",
    covers: told(/^usage$/, ({ view, gateway }) => view === "stream" && gateway === null),
  },
  "16 tokens": {
    sent: "No `max_tokens` to `/v1/completions`",
    direct: "goes on until the context is full",
    gateway: "ends after 16 tokens",
    reason: "As at OpenAI",
    covers: told(/^choices\[0\]\.text$|^usage\.(?:completion|total)$/, (finding) =>
      finding.path.endsWith("text")
        ? goesOn({ direct: finding.gateway, gateway: finding.direct })
        : isLess(finding),
    ),
  },
  dimensions: {
    sent: "`dimensions` to `/v1/embeddings`",
    direct: "drops it",
    gateway: "cuts the vectors and scales them to a length of 1; 400 beyond what they have",
    reason: "As at OpenAI",
    covers: (finding, one) => refused(2)(finding, one) || told(/^vectors\[0\]\[\d+\]$/)(finding),
  },
  "documents in the answer": {
    sent: "`return_documents: true`",
    direct: "drops it",
    gateway: "puts each document's text into its result",
    reason: "As at Cohere and Jina",
    covers: told(/^results\[\d\]\.document$/, ({ direct }) => direct === ""),
  },
  "ids of messages": {
    sent: "Any request to `/v1/messages`",
    direct: "an id as `chatcmpl-...`",
    gateway: "an id as `msg_...`",
    reason: "As at Anthropic",
    covers: told(/^idStem$/, ({ direct, gateway }) => direct === "chatcmpl" && gateway === "msg"),
  },
  "blocks and turns": {
    sent: "A text in several blocks, or messages of one role in a row, to `/v1/messages`",
    direct: "joins some of the blocks by a line feed and some by nothing, and leaves messages apart",
    gateway:
      "joins blocks by a line feed, those of the assistant by nothing, and messages of one role into one",
    reason: "Anthropic takes such messages as one turn, and many chat templates demand it",
    covers: told(/^usage\.prompt$/, ({ direct, gateway }) => Math.abs(Number(direct) - Number(gateway)) <= 4),
  },
  "stop sequences": {
    sent: "`stop_sequences` to `/v1/messages`",
    direct: "says `end_turn` where one was met",
    gateway: "says `stop_sequence`",
    reason: "As at Anthropic",
    covers: told(/^stop$/, ({ direct, gateway }) => direct === "end_turn" && gateway === "stop_sequence"),
  },
  "stop sequences in thoughts": {
    sent: "`stop_sequences` to `/v1/messages` that the model writes in its thoughts, or in the marks around them",
    direct: "ends there",
    gateway: "looks for them in the text alone",
    reason: "As at Anthropic: thoughts are not the answer",
    covers: told(/^blocks\[\d\]|^stop$|^sequence$|^usage\.completion$/),
  },
  "part of a stop sequence": {
    sent: "`stop_sequences` to `/v1/messages` of which the first words are the last before `max_tokens`, streamed",
    direct: "keeps these words back for ever",
    gateway: "gives them, as whole answers do",
    reason: "They were text after all",
    covers: told(/^blocks\[0\]\.text$/, (finding) => finding.view === "stream" && goesOn(finding)),
  },
  "responses that are cut": {
    sent: "A `max_output_tokens` to `/v1/responses` that ends the answer",
    direct: "says `completed`",
    gateway: "says `incomplete`, and why",
    reason: "As at OpenAI",
    covers: told(/^status$|^cut$|^items\[0\]/, ({ gateway }) =>
      /incomplete|max_output_tokens/.test(JSON.stringify(gateway)),
    ),
  },
  "status of items": {
    sent: "A streamed response of a model that thinks",
    direct: "leaves the `status` out of the thoughts",
    gateway: "has it",
    reason: "As at OpenAI",
    covers: told(/^items\[0\]\.status$/, ({ direct }) => direct === undefined),
  },
  "form of a response": {
    sent: "`text.format` to `/v1/responses`",
    direct: "drops it",
    gateway: "answers in that form",
    reason: "As at OpenAI",
    covers: told(/^items\[0\]\.text$|^pieces$|^usage\.(?:completion|total)$/, (finding) =>
      finding.path.startsWith("usage") ? isMore(finding) : String(finding.gateway).startsWith('{"text"'),
    ),
  },
  "log probabilities of a response": {
    sent: "`include` of log probabilities to `/v1/responses`",
    direct: "400",
    gateway: "gives them",
    reason: "As at OpenAI",
    covers: ({ path, direct, gateway }) => path === httpStatus && direct === 400 && gateway === 200,
  },
} satisfies Record<string, Difference>;
