import { describe, expect, it } from "vitest";
import { localModelReply } from "../lib/admin/local-models.ts";
import { localModel } from "../lib/models/testing/local-model.ts";
import { chooseExactModel, chooseModel } from "./local-models.ts";

const model = (id: string, path = `${id}.gguf`) => localModelReply(localModel(id, { path, files: [path] }));
const models = [
  model("Qwen3-4B-Q4_K_M", "org--q/Qwen3-4B-Q4_K_M.gguf"),
  model("llama-1b"),
  model("llama-1b-instruct"),
];
const chosen = (choose: typeof chooseModel, named: string) => choose(models, named).name;

describe.each([chooseModel, chooseExactModel])("%o", (choose) => {
  it.each([
    ["Qwen3-4B-Q4_K_M", "Qwen3-4B-Q4_K_M"],
    ["qwen3-4b-q4_k_m.gguf", "Qwen3-4B-Q4_K_M"],
    ["org--q/Qwen3-4B-Q4_K_M.gguf", "Qwen3-4B-Q4_K_M"],
    ["llama-1b", "llama-1b"],
  ])("takes the whole name or the file: %s", (named, name) => {
    expect(chosen(choose, named)).toBe(name);
  });

  it("says so where nothing is like it", () => {
    expect(() => choose(models, "phi")).toThrow("There is no model 'phi' here.");
  });
});

describe("a part of a name", () => {
  it("is enough to use the only model that has it", () => {
    expect(chosen(chooseModel, "qwen")).toBe("Qwen3-4B-Q4_K_M");
    expect(() => chooseModel(models, "llama")).toThrow("fits several models: llama-1b, llama-1b-instruct.");
  });

  it("is not enough to delete one: the error names what it may have meant", () => {
    expect(() => chooseExactModel(models, "qwen")).toThrow("whole name, or the file, of: Qwen3-4B-Q4_K_M.");
    expect(() => chooseExactModel(models, "llama-1")).toThrow("of: llama-1b, llama-1b-instruct.");
  });
});
