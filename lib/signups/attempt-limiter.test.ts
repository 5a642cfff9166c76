import { expect, it } from "vitest";
import { AttemptLimiter } from "./attempt-limiter.ts";

const minuteMs = 60_000;
const limiter = () => new AttemptLimiter({ attempts: 2, windowMs: 10 * minuteMs, maxAddresses: 3 });

function refusal(limited: AttemptLimiter, address: string, nowMs: number): unknown {
  try {
    limited.count(address, nowMs);
    return null;
  } catch (error) {
    return error;
  }
}

it("refuses an address that tries too often, and says when it may again", () => {
  const limited = limiter();
  for (const nowMs of [0, minuteMs]) expect(refusal(limited, "a", nowMs)).toBeNull();
  expect(refusal(limited, "a", 2 * minuteMs)).toMatchObject({
    code: "rate_limit_exceeded",
    message: expect.stringContaining("in 8 min."),
    options: { retryAfterS: 60 },
  });
  expect(refusal(limited, "a", 10 * minuteMs - 1_500)).toMatchObject({ options: { retryAfterS: 2 } });
  expect(refusal(limited, "b", 2 * minuteMs)).toBeNull();
  // What is refused does not make it longer.
  expect(refusal(limited, "a", 10 * minuteMs)).toBeNull();
});

it("remembers only so many addresses, however many come", () => {
  const limited = limiter();
  for (let number = 0; number < 10_000; number++) limited.count(`address-${number}`, number);
  expect(limited.size).toBe(3);
  limited.count("later", 30 * minuteMs);
  expect(limited.size).toBe(1);
});
