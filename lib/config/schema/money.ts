/** What requests cost and how many a user may make. */
import { z } from "zod";
import { count, dollars, section } from "./values.ts";

const furtherPrices = {
  cached_input_per_1k: dollars
    .nullable()
    .default(null)
    .describe("Per 1,000 prompt tokens found in the cache; none: as any other prompt token"),
  audio_second: dollars
    .nullable()
    .default(null)
    .describe(
      "Per second of sound to transcribe, rounded to whole seconds and at least one; none: by its tokens",
    ),
  speech_1k_chars: dollars.nullable().default(null).describe("Per 1,000 characters to speak"),
};

export const pricing = section({
  input_per_1k: dollars.default(0.0001).describe("Per 1,000 prompt tokens"),
  output_per_1k: dollars.default(0.0002).describe("Per 1,000 generated tokens"),
  ...furtherPrices,
});

/** A model's own prices are whole: half of them from elsewhere would surprise. */
export const modelPricing = section({
  input_per_1k: dollars.describe("Per 1,000 prompt tokens"),
  output_per_1k: dollars.describe("Per 1,000 generated tokens"),
  ...furtherPrices,
});

const requestsPerMinute = (standard: number) => count(1).default(standard);

export const rateLimits = section({
  payg: requestsPerMinute(25).describe("For users of tier payg"),
  sub: requestsPerMinute(100).describe("For users of tier sub"),
});

const tier = (concurrency: number | null) =>
  section({
    tokens_per_minute: count(1)
      .nullable()
      .default(null)
      .describe("Prompt and answer together; none: no limit"),
    concurrency: count(1)
      .nullable()
      .default(concurrency)
      .describe("Requests at the same time; null: no limit"),
    max_output_tokens: count(1).default(4096).describe("The longest answer, in tokens"),
    monthly_tokens: count(1).nullable().default(null).describe("In a calendar month; none: no limit"),
    start_balance: dollars.default(0).describe("Dollars that a new user of this tier starts with"),
    priority: z.int().min(-1000).max(1000).default(0).describe("Who waits less in the queue: the higher one"),
  }).prefault({});

export const tiers = section({
  payg: tier(4).describe("Pay as you go"),
  sub: tier(16).describe("Subscribers"),
  admin: tier(null).describe("Administrators: they are not asked for a balance"),
});
