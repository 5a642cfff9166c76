/** Texts in place of bodies: no JSON, or JSON of another kind. */
import type { Case, Corpus, EndpointName } from "../case.ts";

type Differs = Case["differs"];

interface Options {
  /** Of JSON that is no object with the required field. */
  noObject?: Differs;
  /** Of a temperature beyond any number. */
  beyond?: Differs;
  always?: Corpus["always"];
}

/** @param field what the endpoint requires, as it stands in JSON */
function rawCorpus(
  endpoint: EndpointName,
  field: string,
  { noObject, beyond, always }: Options = {},
): Corpus {
  // Where there are no fields, the body as a whole is named, or the first that it should have.
  const raw = (name: string, body: string, differs: Differs = []): Case => ({
    name,
    body,
    about: ["body", "messages"],
    differs,
  });
  const cases = [
    raw("nothing", ""),
    raw("blanks", "  \n "),
    raw("the beginning of an object", `{${field}`),
    raw("a comma too many", `{${field},}`),
    raw("single quotes", "{'a': 1}"),
    raw("a text", '"say hello"', noObject),
    raw("a number", "5", noObject),
    raw("null", "null", noObject),
    raw("a list", "[]", noObject),
    raw("an empty object", "{}", noObject),
    raw("blanks around an object", ` \n{${field}, "max_tokens": 3, "temperature": 0} `),
    raw(
      "a field twice, of which the last counts",
      `{"temperature": "hot", ${field}, "max_tokens": 3, "temperature": 0}`,
    ),
    raw("more after the object", `{${field}, "max_tokens": 3} {}`),
    raw("NaN", `{${field}, "max_tokens": 3, "temperature": NaN}`),
    raw("a number beyond any", `{${field}, "max_tokens": 3, "temperature": 1e999}`, beyond),
    raw("half a character", `{${field}, "max_tokens": 3, "temperature": 0, "user": "\\ud800"}`, [
      "faults in what is dropped",
    ]),
  ];
  return { endpoint, cases, always };
}

const talk = '"model": "tiny-text", "messages": [{"role": "user", "content": "say hello"}]';

export const rawChats = rawCorpus("chat/completions", talk);
export const rawMessages = rawCorpus("messages", talk, {
  noObject: ["malformed"],
  always: "ids of messages",
});
export const rawInputs = rawCorpus("embeddings", '"model": "tiny-embed", "input": "hello"', {
  beyond: ["faults in what is dropped"],
});
