import { answerDifferences } from "./answers.ts";
import type { Difference } from "./difference.ts";
import { requestDifferences } from "./requests.ts";

/** Every difference that is meant, by a name of its own. All others are defects. */
const table = { ...requestDifferences, ...answerDifferences };

export type DifferenceName = keyof typeof table;
export const differences: Readonly<Record<DifferenceName, Difference>> = table;

export const differenceTopics: Readonly<Record<string, Readonly<Record<string, Difference>>>> = {
  Requests: requestDifferences,
  Answers: answerDifferences,
};
