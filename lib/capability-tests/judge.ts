/** What an answer tells of a model. Pure: the answers are those of the API's endpoints. */
import { z } from "zod";
import type { Usage } from "../openai/usage.ts";
import type { Verdict } from "./types.ts";

const messageSchema = z.object({
  content: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  tool_calls: z
    .array(z.object({ function: z.object({ name: z.string(), arguments: z.string() }) }))
    .nullish(),
});
const chatAnswer = z.object({
  choices: z.array(z.object({ message: messageSchema, finish_reason: z.string().nullish() })).min(1),
});
type Choice = z.infer<typeof chatAnswer>["choices"][number];

/** Longest piece of an answer that is kept. */
const quotedCharacters = 160;

/**
 * @param name of the function that was to be called
 * @param argumentsSchema what its arguments have to be
 */
export function judgeToolCall(answer: unknown, name: string, argumentsSchema: z.ZodType): Verdict {
  return judged(answer, (choice) => {
    const [call] = choice.message.tool_calls ?? [];
    if (!call) return failed(`It called nothing, but ${said(choice)}`);
    const { name: called, arguments: given } = call.function;
    const shown = `${called} with ${quoted(given)}`;
    if (called !== name) return failed(`It called ${shown}, which it was not offered.`);
    const parsed = argumentsSchema.safeParse(parseJson(given));
    return parsed.success
      ? { works: true, detail: `It called ${shown}.` }
      : failed(`It called ${shown}, which is not what the schema asks for.`);
  });
}

export function judgeJson(answer: unknown, schema: z.ZodType): Verdict {
  return judged(answer, (choice) => {
    const parsed = schema.safeParse(parseJson(choice.message.content ?? ""));
    return parsed.success
      ? { works: true, detail: `It wrote ${quoted(choice.message.content ?? "")}.` }
      : failed(`Its answer does not keep to the schema: ${said(choice)}`);
  });
}

export function judgeReasoning(answer: unknown): Verdict {
  return judged(answer, (choice) => {
    const thoughts = choice.message.reasoning_content ?? "";
    return thoughts.trim() === ""
      ? failed(`It did not think, or not apart from its answer: ${said(choice)}`)
      : { works: true, detail: `It thought ${quoted(thoughts)} before it answered.` };
  });
}

/** @param colour the word for what was shown */
export function judgeImage(answer: unknown, usage: Usage, colour: string): Verdict {
  return judged(answer, (choice) => {
    const cost = `The picture was taken for ${usage.promptTokens} tokens of prompt`;
    return new RegExp(`\\b${colour}\\b`, "i").test(choice.message.content ?? "")
      ? { works: true, detail: `${cost}, and its ${colour} was named.` }
      : failed(`${cost}, but asked for its colour, which is ${colour}, ${said(choice)}`);
  });
}

/** That a model heard a tone cannot be checked; that it took it can, as it costs tokens. */
export function judgeAudio(answer: unknown, usage: Usage, textTokens: number): Verdict {
  return judged(answer, (choice) => {
    const tokens = usage.promptTokens - textTokens;
    return tokens > 0
      ? { works: true, detail: `A second of sound was taken for ${tokens} tokens; ${said(choice)}` }
      : failed(`A second of sound added nothing to the prompt; ${said(choice)}`);
  });
}

const textAnswer = z.object({ text: z.string() });

export function judgeTranscription(answer: unknown): Verdict {
  const parsed = textAnswer.safeParse(answer);
  return parsed.success
    ? {
        works: true,
        detail: `A second of a tone was taken, and written down as ${quoted(parsed.data.text)}.`,
      }
    : failed(unreadable(answer));
}

const vectors = z.object({ data: z.array(z.object({ embedding: z.array(z.number()).min(1) })).min(2) });

/** Of three texts, of which the first two mean the same. */
export function judgeVectors(answer: unknown): Verdict {
  const parsed = vectors.safeParse(answer);
  if (!parsed.success) return failed(unreadable(answer));
  const [one, same, other] = parsed.data.data.map(({ embedding }) => embedding);
  if (!one || !same || !other || one.length !== same.length || one.length !== other.length)
    return failed("Its vectors differ in length.");
  if ([one, same, other].some((vector) => !(norm(vector) > 0))) return failed("Its vectors are empty.");
  const closeness = `${cosine(one, same).toFixed(2)} for two that mean the same, ${cosine(one, other).toFixed(2)} for another`;
  const dimension = `Vectors of ${one.length} numbers; closeness: ${closeness}.`;
  return { works: cosine(one, same) > cosine(one, other), detail: dimension };
}

/** Of a text and a picture. */
export function judgeImageVectors(answer: unknown): Verdict {
  const [text, image] = vectors.safeParse(answer).data?.data.map(({ embedding }) => embedding) ?? [];
  if (!text || !image) return failed(unreadable(answer));
  const lengths = `The vector of a text has ${text.length} numbers, that of a picture ${image.length}`;
  const works = text.length === image.length && norm(image) > 0;
  return { works, detail: norm(image) > 0 ? `${lengths}.` : `${lengths}, all of them 0.` };
}

const ranking = z.object({
  results: z.array(z.object({ index: z.int(), relevance_score: z.number() })).min(2),
});

/** @param best the document that answers the query */
export function judgeRanking(answer: unknown, best: number): Verdict {
  const parsed = ranking.safeParse(answer);
  if (!parsed.success) return failed(unreadable(answer));
  const scores = parsed.data.results.map(
    ({ index, relevance_score }) => `${index}: ${relevance_score.toFixed(3)}`,
  );
  const isRight = parsed.data.results[0]?.index === best;
  const order = `Document ${best} answers the query; scores, the highest first: ${scores.join(", ")}.`;
  return { works: isRight, detail: order };
}

function judged(answer: unknown, judge: (choice: Choice) => Verdict): Verdict {
  const [choice] = chatAnswer.safeParse(answer).data?.choices ?? [];
  return choice ? judge(choice) : failed(unreadable(answer));
}

function failed(detail: string): Verdict {
  return { works: false, detail };
}

function unreadable(answer: unknown): string {
  return `Its answer cannot be read: ${quoted(JSON.stringify(answer) ?? "nothing")}.`;
}

/** What it said instead, as the end of a sentence. */
function said({ message, finish_reason }: Choice): string {
  const text = message.content?.trim() || message.reasoning_content?.trim() || "";
  const cut = finish_reason === "length" ? ", cut at the limit" : "";
  return text === "" ? `said nothing${cut}.` : `said ${quoted(text)}${cut}.`;
}

function quoted(text: string): string {
  const short = text.length > quotedCharacters ? `${text.slice(0, quotedCharacters)}…` : text;
  return `'${short.replaceAll(/\s+/g, " ").trim()}'`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function norm(vector: readonly number[]): number {
  return Math.hypot(...vector);
}

function cosine(one: readonly number[], other: readonly number[]): number {
  const product = one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
  return product / (norm(one) * norm(other));
}
