/** Questions to encoders, and those that are refused or only look something up. */
import type { Dice } from "./dice.ts";
import { models } from "./models.ts";
import { type Ask, type Asker, post, type Question, text, tokens } from "./question.ts";

const embedding: Ask = (dice, model) => {
  const input = dice.pick([
    () => text(dice),
    () => dice.several(dice.whole(2, 5), () => text(dice)),
    () => tokens(dice),
    () => dice.several(2, () => tokens(dice)),
  ])();
  const encoding_format = dice.pick(["float", "base64"]);
  return post("embedding", "embeddings", { model, input, encoding_format });
};

const ranking: Ask = (dice, model) => {
  const documents = dice.several(dice.whole(1, 5), () => text(dice));
  return post("ranking", "rerank", { model, query: text(dice, 4), documents });
};

export const embeddingQuestions: readonly Ask[] = [embedding];
export const rankingQuestions: readonly Ask[] = [ranking];

/** Small, as what is asked for in vain costs nothing. */
function smallChat(dice: Dice, model: string = models.exact) {
  const messages = [{ role: "user", content: text(dice) }];
  return { model, messages, max_tokens: dice.whole(16, 40), temperature: 0 };
}

/** Output tokens that neither a small balance nor a small allowance is enough for. */
const tooMany = { max_tokens: 1_000 };

function asked(kind: string, asker: Asker, statuses: readonly number[], more = {}): (dice: Dice) => Question {
  return (dice) => ({
    ...post(kind, "chat.completions", { ...smallChat(dice), ...more }),
    asker,
    statuses,
  });
}

function lookUp(kind: string, path: string): (dice: Dice) => Question {
  return () => ({ ...post(kind, "", { model: "" }), method: "GET", path, body: null, endpoint: null });
}

/** What the schema refuses, or the choice of a model, or a limit; what the engine refuses; and what only looks. */
export const sideQuestions: readonly ((dice: Dice) => Question)[] = [
  (dice) => ({
    ...post("wrong parameter", "chat.completions", { ...smallChat(dice), temperature: "hot" }),
    statuses: [400],
  }),
  (dice) => ({
    ...post("unable model", "chat.completions", smallChat(dice, models.embed)),
    statuses: [400],
  }),
  (dice) => ({
    ...post("unknown model", "chat.completions", smallChat(dice, "nobody's")),
    statuses: [404],
  }),
  (dice) => ({
    ...post("too long", "chat.completions", {
      ...smallChat(dice),
      messages: [{ role: "user", content: "count ".repeat(1_500) }],
    }),
    statuses: [400],
    refusedByEngine: true,
  }),
  asked("unknown key", "stranger", [401]),
  asked("small balance", "poor", [200, 402]),
  asked("too small a balance", "poor", [402], tooMany),
  asked("one at once", "lonely", [200, 429]),
  asked("few tokens a minute", "slow", [200, 429]),
  asked("too few tokens a minute", "slow", [429], tooMany),
  asked("model not allowed", "narrow", [403]),
  lookUp("models", "/v1/models"),
  lookUp("model", `/v1/models/${models.exact}`),
];
