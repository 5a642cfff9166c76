import { expect, it } from "vitest";
import { pathForLog } from "./path-for-log.ts";

it.each([
  ["http://localhost/v1/chat/completions", "/v1/chat/completions"],
  ["http://localhost/v1/models?api_key=sk-secret", "/v1/models"],
  ["https://example.org:4000/v1/models/", "/v1/models/"],
  ["http://localhost/v1/sk-0123456789abcdef/x", "/v1/sk-.../x"],
  ["http://localhost/v1/audio/live/live-0123_45-67", "/v1/audio/live/live-..."],
  ["http://localhost/a/hf_token", "/a/hf_..."],
  ["http://localhost?x=/y", ""],
  ["http://localhost*", ""],
])("%s", (url, path) => expect(pathForLog(url)).toBe(path));

it("keeps a long path short", () => {
  expect(pathForLog(`http://localhost/${"x".repeat(5000)}`)).toHaveLength(200);
});
