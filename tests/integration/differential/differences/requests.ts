/** Requests that the gateway takes otherwise, or refuses in other words. */
import { httpStatus } from "../compare.ts";
import { answered, type Difference, refused, told } from "./difference.ts";

export const requestDifferences = {
  "out of bounds": {
    sent: "A number, a name or a list outside of what its API allows, as `temperature: 3`",
    direct: "clamps it, takes it as it is, or takes it for a default",
    gateway: "400 that names the field",
    reason: "A client that has a number wrong should hear of it; some such numbers stall or end an engine",
    covers: refused(2),
  },
  "wrong type": {
    sent: "A value of another type, as `stop: 5`",
    direct: "drops it, or reads what it can",
    gateway: "400 that names the field",
    reason: "What is dropped in silence changes the answer",
    covers: refused(2),
  },
  "unknown value": {
    sent: "A word that its API does not know, as a role, a choice or a form",
    direct: "takes it for the default, or hands it to the chat template",
    gateway: "400 that names the field, mostly with the words it may be",
    reason: "As at OpenAI and Anthropic",
    covers: refused(2),
  },
  "missing or empty": {
    sent: "A required field that is absent or empty, as `messages: []`",
    direct: "answers something",
    gateway: "400 that names the field",
    reason: "As at OpenAI and Anthropic: an answer to nothing is charged, and of no use",
    covers: refused(2),
  },
  malformed: {
    sent: "Messages, tools or items of another form",
    direct: "500",
    gateway: "400 that names the field",
    reason: "Clients repeat a request after a 500; this one will never do",
    covers: refused(5),
  },
  "what only the engine reads": {
    sent: "Arguments of an earlier call that are no JSON, media that are no base64",
    direct: "500",
    gateway: "400 that says what it is",
    reason: "Clients repeat a request after a 500; this one will never do",
    covers: ({ path, direct, gateway, refusal }) =>
      path === httpStatus &&
      direct === 500 &&
      gateway === 400 &&
      /tool call arguments|base64|is no (wav|mp3) sound/.test(refusal),
  },
  "no eyes or ears": {
    sent: "An image or a sound to a model that takes text alone",
    direct: "500",
    gateway: "400 that says which type of model it needs",
    reason: "It is the request that does not fit",
    covers: ({ path, direct, gateway, refusal }) =>
      path === httpStatus &&
      direct === 500 &&
      gateway === 400 &&
      refusal.includes("it needs a model of type"),
  },
  "too long for an encoder": {
    sent: "A text for a vector or a rank that is longer than the model's context",
    direct: "500 that advises another batch size",
    gateway: "400 `context_length_exceeded` with both lengths",
    reason: "As for a chat that is too long",
    covers: ({ path, direct, gateway, refusal }) =>
      path === httpStatus && direct === 500 && gateway === 400 && refusal.includes("context_length_exceeded"),
  },
  "null for absent": {
    sent: "`encoding_format: null`",
    direct: "400",
    gateway: "takes it for absent",
    reason: "Clients write null for what their user did not set",
    covers: answered,
  },
  "faults in what is dropped": {
    sent: "Half a character, or a number beyond any, in a field that is dropped anyway",
    direct: "400",
    gateway: "drops the field",
    reason: "It reaches no engine",
    covers: answered,
  },
  "top_logprobs alone": {
    sent: "`top_logprobs` without `logprobs: true`",
    direct: "400",
    gateway: "leaves it out",
    reason: "Nothing that was asked for is missing from the answer",
    covers: answered,
  },
  "unknown model": {
    sent: "The name of a model that is not there",
    direct: "answers with the model it has",
    gateway: "404 that lists what there is",
    reason: "There are several models, and an answer by another would go unnoticed",
    covers: ({ path, direct, gateway, refusal }) =>
      path === httpStatus && direct === 200 && gateway === 404 && refusal.includes("model_not_found"),
  },
  "model's name": {
    sent: "An alias for a model, as one of OpenAI's names",
    direct: "says the alias in an answer with vectors",
    gateway: "says which model answered",
    reason: "As in every other answer",
    covers: told(/^model$/, ({ gateway }) => gateway === "tiny-embed"),
  },
  "engine's own parameters": {
    sent: "Parameters that llama-server alone has, as `grammar` or `n_predict`",
    direct: "follows them",
    gateway: "drops them",
    reason: "Some of them end or stall an engine for everybody; `response_format` gives forms",
    covers: told(/^choices\[\d\]\.(?:text|finish)$|^usage\./),
  },
  "other inputs": {
    sent: "Texts and token ids in one list, objects as prompts, or the input in a field of another name",
    direct: "takes them",
    gateway: "400 that names the field",
    reason: "OpenAI has none of them, and objects of a certain form end an engine",
    covers: refused(2),
  },
  "documents as objects": {
    sent: "`documents` as objects with `text`",
    direct: "400",
    gateway: "ranks their texts",
    reason: "Cohere's and Jina's clients send them",
    covers: answered,
  },
  "what is kept": {
    sent: "`conversation` or `background`",
    direct: "answers as if they were not there",
    gateway: "400 that says what to send in their place",
    reason: "Answers are not kept, so the model would not know the talk",
    covers: refused(2),
  },
  "tools of others": {
    sent: "Tools that OpenAI or Anthropic run by themselves, as a web search",
    direct: "drops them",
    gateway: "400 that says so",
    reason: "The model could not call them",
    covers: refused(2),
  },
  "suffix and best_of": {
    sent: "`suffix`, `best_of` other than `n`, `echo` with `logprobs`",
    direct: "drops them",
    gateway: "400 that names the field",
    reason: "What is dropped in silence changes the answer",
    covers: refused(2),
  },
  "choice of no tool": {
    sent: "`tool_choice` with a tool that is not in `tools`, or without `tools`",
    direct: "takes it for `auto`",
    gateway: "400 that names the field",
    reason: "As at OpenAI",
    covers: refused(2),
  },
} satisfies Record<string, Difference>;
