import { describe, expect, it } from "vitest";
import { FakeSlots } from "../admin/testing/fake-slots.ts";
import { slotsThatNeed } from "./model-users.ts";

const nobody = { slots: {} };

/** What a fake slot runs is what it was told to. */
async function running(...files: string[]) {
  const slots = new FakeSlots(files.map((_, index) => index + 1));
  for (const [index, file] of files.entries()) await slots.load(index + 1, { model_path: file });
  return slots.snapshot();
}

describe("slots that need a file", () => {
  it("run it, by whatever name clients know it", async () => {
    const slots = await running("/models/one/m.gguf", "/models/m.gguf", "/models/one/m.gguf");
    for (const slot of slots) slot.modelName = "m";
    expect(slotsThatNeed(["/models/one/m.gguf"], slots, nobody, "/models")).toEqual([1, 3]);
    expect(slotsThatNeed(["/models/m.gguf"], slots, nobody, "/models")).toEqual([2]);
    expect(slotsThatNeed(["/models/two/m.gguf"], slots, nobody, "/models")).toEqual([]);
  });

  it("are those whose wish names it, loaded or not", async () => {
    const slots = await running("/models/other.gguf", "/models/another.gguf");
    const wishes = { slots: { 2: { model_path: "one/m.gguf" } } };
    expect(slotsThatNeed(["/models/one/m.gguf"], slots, wishes, "/models")).toEqual([2]);
  });
});
