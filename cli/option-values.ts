/** What options may be, in words where they are not. */
import { InvalidArgumentError } from "commander";

/** @throws InvalidArgumentError, which commander turns into words */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

/** @throws InvalidArgumentError, which commander turns into words */
export function dollars(text: string): number {
  if (!/^\d{1,7}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError("It must be dollars, as 12.50.");
  return Number(text);
}

/** A reader of one of these words. */
export function oneOf<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new InvalidArgumentError(`It must be one of ${words.join(", ")}.`);
    return found;
  };
}
