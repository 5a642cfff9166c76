import { expect, it } from "vitest";
import { bytesPerGigabyte, bytesPerMegabyte, inWords } from "./bytes.ts";

it.each([
  [0, "0 MB"],
  [640.4 * bytesPerMegabyte, "640 MB"],
  [bytesPerGigabyte, "1.0 GB"],
  [4.68 * bytesPerGigabyte, "4.7 GB"],
])("%d bytes are %s", (bytes, words) => {
  expect(inWords(bytes)).toBe(words);
});
