/** The parameters of `/v1/chat/completions` and `/v1/completions`. */
import { chatRequest } from "../openai/chat/request.ts";
import { completionRequest } from "../openai/completions/request.ts";
import { common, type EndpointNotes, honoured, ignored, passedOn, refused } from "./notes.ts";

const sampling = {
  n: common.n,
  temperature: passedOn(),
  top_p: passedOn(),
  presence_penalty: passedOn(),
  frequency_penalty: passedOn(),
  seed: common.seed,
  stop: passedOn("At most 16 of at most 1,000 characters"),
  logit_bias: common.logit_bias,
  top_k: common.localSampler,
  min_p: common.localSampler,
  repeat_penalty: common.localSampler,
};

const includeUsage = honoured("`include_usage`; without it the usage is taken out of the stream");

export const chatNotes: EndpointNotes = {
  path: "/v1/chat/completions",
  api: "OpenAI",
  schema: chatRequest,
  parameters: {
    model: common.model,
    messages: passedOn(
      "Text, images (`data:` URLs, or addresses where the operator allows it: PNG, JPEG, GIF, BMP; WebP for remotes), sounds (wav, mp3; 0.1 s to 30 minutes each, at most `limits.audio_mb`); `developer` is told to engines as `system`",
    ),
    stream: common.stream,
    stream_options: includeUsage,
    max_tokens: honoured(
      "At most what the tier, the context and the balance allow; -1: no bound of the client's",
    ),
    max_completion_tokens: honoured("As `max_tokens`, and before it"),
    ...sampling,
    logprobs: passedOn("Not together with `tools` on llama-server"),
    top_logprobs: passedOn(),
    tools: passedOn("Functions; at most 128"),
    tool_choice: honoured("Also a named function, which engines alone do not enforce"),
    parallel_tool_calls: passedOn(),
    response_format: passedOn("`json_schema` within bounds of depth and size"),
    reasoning_effort: passedOn("Told to the chat template; `none` turns thinking off where the model can"),
    chat_template_kwargs: common.templateOptions,
    user: common.user,
    metadata: common.metadata,
    store: common.store,
    service_tier: ignored("There is one"),
    prediction: ignored("It would only make the answer faster"),
    prompt_cache_key: ignored("Engines find cached prompts by themselves"),
    safety_identifier: common.user,
    verbosity: ignored("Models here do not know it"),
    modalities: ignored("Answers are text; `/v1/audio/speech` speaks"),
    audio: ignored("As `modalities`"),
    web_search_options: ignored("There is no search here"),
    functions: ignored("The old name of `tools`"),
    function_call: ignored("The old name of `tool_choice`"),
  },
};

export const completionNotes: EndpointNotes = {
  path: "/v1/completions",
  api: "OpenAI (legacy)",
  schema: completionRequest,
  parameters: {
    model: common.model,
    prompt: passedOn("A text, texts, token ids, or lists of token ids; at most 64"),
    stream: common.stream,
    stream_options: includeUsage,
    max_tokens: honoured("16 where none is given, as at OpenAI; -1: no bound of the client's"),
    ...sampling,
    best_of: refused("Unless it is the same as `n`"),
    echo: honoured("For prompts of text, without `logprobs`"),
    suffix: refused("Models are not asked to fill gaps"),
    logprobs: passedOn("In OpenAI's legacy shape"),
    user: common.user,
  },
};
