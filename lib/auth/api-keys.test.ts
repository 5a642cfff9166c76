import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { apiKeyPrefix, generateApiKey, hashApiKey, isWellFormedApiKey } from "./api-keys.ts";

test("a generated key has the documented form, and no two are alike", () => {
  const keys = Array.from({ length: 1000 }, generateApiKey);
  for (const key of keys) expect(key).toMatch(/^sk-[0-9a-f]{48}$/);
  expect(new Set(keys).size).toBe(1000);
  expect(keys.every(isWellFormedApiKey)).toBe(true);
});

test.each([
  ["sk-12345678901234567", true],
  ["sk-1234567890123456", false],
  [`sk-${"!~".repeat(20)}`, true],
  ["pk-12345678901234567", false],
  ["sk-1234567890 1234567", false],
  ["sk-1234567890123456\n7", false],
  ["sk-ünicode1234567890123", false],
  ["", false],
])("%j: well-formed is %s", (key, wellFormed) => {
  expect(isWellFormedApiKey(key)).toBe(wellFormed);
});

test("the hash is SHA-256, and the prefix is 8 characters", () => {
  const key = generateApiKey();
  expect(hashApiKey(key)).toBe(createHash("sha256").update(key).digest("hex"));
  expect(apiKeyPrefix("sk-abcdefgh")).toBe("sk-abcde");
});
