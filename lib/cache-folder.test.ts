import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { cacheFolder } from "./cache-folder.mjs";

const home = os.homedir();

test("follows each platform's convention for caches", () => {
  expect(cacheFolder({}, "linux")).toBe(path.join(home, ".cache/llm-gateway"));
  expect(cacheFolder({ XDG_CACHE_HOME: "/x" }, "linux")).toBe("/x/llm-gateway");
  expect(cacheFolder({}, "darwin")).toBe(path.join(home, "Library/Caches/llm-gateway"));
  expect(cacheFolder({ LOCALAPPDATA: "/local" }, "win32")).toBe("/local/llm-gateway");
});

test("GATEWAY_CACHE_DIR wins, made absolute; an empty value counts as unset", () => {
  expect(cacheFolder({ GATEWAY_CACHE_DIR: "near", XDG_CACHE_HOME: "/x" }, "linux")).toBe(
    path.resolve("near"),
  );
  expect(cacheFolder({ GATEWAY_CACHE_DIR: "", XDG_CACHE_HOME: "" }, "linux")).toBe(
    path.join(home, ".cache/llm-gateway"),
  );
});
