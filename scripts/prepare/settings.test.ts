import path from "node:path";
import { expect, test } from "vitest";
import { readSettings } from "./settings.mjs";

test("reads what the preparation is for", () => {
  expect(readSettings([], {}).purpose).toBe("setup");
  expect(readSettings(["--for=test"], {}).purpose).toBe("test");
  expect(() => readSettings(["--for=fun"], {})).toThrow(/--for=fun/);
});

test("an empty variable counts as unset", () => {
  const empty = { GATEWAY_DATA_DIR: "", LLAMA_SERVER: "", HF_ENDPOINT: "", GATEWAY_STARTER: "" };
  expect(readSettings([], empty)).toEqual(readSettings([], {}));
  expect(readSettings([], {}).dataDir).toBe(path.resolve("data"));
});

test("a mirror of the hub may end with a slash", () => {
  expect(readSettings([], { HF_ENDPOINT: "http://mirror/hub/" }).hub).toBe("http://mirror/hub");
});
