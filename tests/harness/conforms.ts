/** Answers of a real gateway against the schemas of its OpenAPI document. */
import { expect } from "vitest";
import type { z } from "zod";

/**
 * Nothing is missing, wrong or not documented: parsing drops members that a schema does not know.
 * @throws where the value is not as the schema says
 */
export function expectConforms(schema: z.ZodType, value: unknown): void {
  expect(schema.parse(value)).toEqual(value);
}

/** The data of an event stream, each parsed; `[DONE]` is left out. */
export function eventData(text: string): unknown[] {
  return text
    .split("\n\n")
    .flatMap((event) => event.split("\n").filter((line) => line.startsWith("data: ")))
    .map((line) => line.slice("data: ".length))
    .filter((data) => data !== "[DONE]")
    .map((data) => JSON.parse(data) as unknown);
}
