/** The parameters of the other endpoints that take JSON. */
import { messagesRequest } from "../anthropic/request.ts";
import { embeddingsRequest } from "../openai/embeddings/request.ts";
import { rerankRequest } from "../openai/rerank/request.ts";
import { responsesRequest } from "../openai/responses/request.ts";
import { accepted, common, type EndpointNotes, honoured, ignored, passedOn, refused } from "./notes.ts";

const notOpenAis = passedOn("As in a chat; OpenAI does not have it here");

export const responsesNotes: EndpointNotes = {
  path: "/v1/responses",
  api: "OpenAI",
  schema: responsesRequest,
  parameters: {
    model: common.model,
    input: passedOn(
      "A text or items, with images and sounds as in a chat; `item_reference` is refused, as nothing is kept",
    ),
    instructions: passedOn("As the system message"),
    stream: honoured("Events in OpenAI's order, with `sequence_number`"),
    max_output_tokens: honoured("At most what the tier, the context and the balance allow"),
    temperature: passedOn(),
    top_p: passedOn(),
    top_logprobs: passedOn('With `include: ["message.output_text.logprobs"]`'),
    include: honoured("Log probabilities; the other values are accepted, as there is nothing to include"),
    tools: passedOn("Functions of your own; OpenAI's own tools are refused"),
    tool_choice: honoured("`none`, `auto`, `required`, or a named function"),
    parallel_tool_calls: passedOn(),
    text: passedOn("`format`; `verbosity` is accepted"),
    reasoning: passedOn("`effort`; `summary` is accepted"),
    metadata: accepted("Echoed"),
    store: accepted("Nothing is kept: the answer says `store: false`"),
    previous_response_id: refused("Send all of the talk as `input`"),
    conversation: refused("Send all of the talk as `input`"),
    prompt: refused("There are no stored prompts"),
    background: refused("Answers are not kept"),
    truncation: accepted("`auto` cuts nothing: a prompt that is too long is a 400"),
    service_tier: accepted("There is one"),
    user: accepted("Echoed"),
    safety_identifier: accepted("Echoed"),
    prompt_cache_key: accepted("Echoed"),
    max_tool_calls: ignored("It is about OpenAI's own tools"),
    seed: notOpenAis,
    presence_penalty: notOpenAis,
    frequency_penalty: notOpenAis,
    logit_bias: notOpenAis,
    chat_template_kwargs: common.templateOptions,
    top_k: common.localSampler,
    min_p: common.localSampler,
    repeat_penalty: common.localSampler,
  },
};

export const messagesNotes: EndpointNotes = {
  path: "/v1/messages",
  api: "Anthropic",
  schema: messagesRequest,
  parameters: {
    model: common.model,
    messages: passedOn(
      "Text, images (base64, or `url` where the operator allows it), tool use and results, thoughts",
    ),
    system: passedOn(),
    max_tokens: honoured("Required, as at Anthropic"),
    stop_sequences: honoured("Matched by the gateway, so that the answer says which it was"),
    stream: honoured("Events in Anthropic's order"),
    temperature: passedOn(),
    top_p: passedOn(),
    top_k: passedOn(),
    tools: passedOn("Tools of your own; Anthropic's own are refused"),
    tool_choice: honoured("`auto`, `any`, `none`, or a named tool"),
    thinking: passedOn("On or off; `budget_tokens` is no bound, `max_tokens` is"),
    output_config: passedOn("`effort` and `format`"),
    metadata: ignored("Usage is by key"),
    service_tier: ignored("There is one"),
    container: ignored("There are none"),
    mcp_servers: ignored("There are none"),
  },
};

export const embeddingsNotes: EndpointNotes = {
  path: "/v1/embeddings",
  api: "OpenAI",
  schema: embeddingsRequest,
  parameters: {
    model: common.model,
    input: passedOn(
      "A text, texts, token ids, or lists of token ids; at most 2,048, and 300,000 token ids. For models that see, an entry of the list may also be a part of a chat (`image_url`, `text`), or a list of parts that become one vector",
    ),
    encoding_format: passedOn(),
    dimensions: honoured("Cut and scaled here: good for models that were trained for it (Matryoshka)"),
    user: common.user,
  },
};

export const rerankNotes: EndpointNotes = {
  path: "/v1/rerank",
  api: "Jina, Cohere",
  schema: rerankRequest,
  parameters: {
    model: common.model,
    query: passedOn(),
    documents: passedOn("Texts, or objects with `text`; at most 1,000"),
    top_n: honoured("Sorted and cut here"),
    return_documents: honoured("Their texts in the answer"),
  },
};
