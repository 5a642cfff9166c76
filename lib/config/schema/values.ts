/** Kinds of values that several sections share, and what the schema says of a key besides its type. */
import { z } from "zod";
import { nanosFromDollars } from "../../money/nanos.ts";

declare module "zod" {
  interface GlobalMeta {
    /** Masked over the API. */
    secret?: boolean;
    /** What must be restarted before a change takes effect; an inner key wins over its section. */
    restart?: "slot" | "gateway" | "none";
    /** Shown in the documentation where the default is not a fixed value. */
    defaultText?: string;
    /** What the free keys of a record are called in the documentation, as `port`. */
    entry?: string;
  }
}

/**
 * A section of the file. Unknown keys are kept, so that a file of a newer version survives an older one; the type
 * knows nothing of them, so that a mistyped key is still a compiler error.
 */
export function section<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strip> {
  return z.looseObject(shape) as unknown as z.ZodObject<Shape, z.core.$strip>;
}

const weekS = 7 * 24 * 3600;

/** Whole seconds, up to a week: timers in Node end at 24 days. */
export const seconds = (least = 0) => z.int().min(least).max(weekS);

export const count = (least = 0) => z.int().min(least).max(1_000_000_000);

/** Decimal dollars, not below zero, no finer than a nano-dollar. */
export const dollars = z
  .number()
  .min(0)
  .refine(isWholeNanos, "must have at most nine digits after the point");

/** Whether dollars are no finer than a nano-dollar, and few enough to be counted exactly. */
export function isWholeNanos(amount: number): boolean {
  try {
    nanosFromDollars(amount);
    return true;
  } catch {
    return false;
  }
}

/** Visible ASCII only: what can stand in an `Authorization` header. */
export const apiKey = z
  .string()
  .max(512)
  .regex(/^sk-[\x21-\x7e]{17,}$/, "must be sk- and at least 17 printable characters");

export const webAddress = z.url({ protocol: /^https?$/, error: "must be an http or https address" });
