import { expect, it } from "vitest";
import { wishChange } from "./wish-change.ts";

const a = { model_path: "a.gguf" };
const b = { model_path: "b.gguf" };

it.each([
  ["nothing was edited", a, { ...a }, b, "keep"],
  ["an empty slot gets a model", null, a, null, "load"],
  ["a model is taken out", a, null, a, "unload"],
  ["a model is exchanged", a, b, a, "reload"],
  ["an option is changed", a, { ...a, ctx_size: 512 }, a, "reload"],
  ["the slot runs it already", null, a, { ...a }, "keep"],
  ["the slot runs it with an option left open", null, a, { ...a, ctx_size: undefined }, "keep"],
  ["the slot was emptied already", a, null, null, "keep"],
  ["a model that was loaded on demand gives way", null, b, a, "reload"],
])("%s", (_what, previous, next, current, expected) => {
  expect(wishChange(previous, next, current)).toBe(expected);
});
