import { describe, expect, it } from "vitest";
import type { HubFilesReply, HubModelReply } from "../lib/admin/schemas/models-hub.ts";
import { chooseEntry, chooseRepository, readWanted } from "./choose-download.ts";

const repository = (id: string, facts: Partial<HubModelReply> = {}): HubModelReply => ({
  id,
  downloads: 1,
  likes: 0,
  gated: false,
  private: false,
  license: null,
  updated_at: null,
  task: null,
  tags: [],
  ...facts,
});

const file = (quantization: string, verdict: "fits" | "tight" | "does_not_fit" | null) => ({
  name: `m-${quantization}`,
  quantization,
  filename: `m-${quantization}.gguf`,
  size_bytes: 1,
  files: [],
  missing_parts: [] as number[],
  mmproj: null,
  fit: verdict && { verdict, required_bytes: 2, available_bytes: 1, sentence: `It is ${verdict}.` },
});

const listing = (
  files: HubFilesReply["files"],
  recommended: HubFilesReply["recommended"] = null,
): Pick<HubFilesReply, "repo_id" | "files" | "recommended"> => ({ repo_id: "o/m", files, recommended });

describe("what is wanted", () => {
  it.each([
    ["qwen2.5-3b", { repoId: null, words: "qwen2.5-3b", quantization: null }],
    ["o/Some-GGUF", { repoId: "o/Some-GGUF", words: "o/Some-GGUF", quantization: null }],
    ["o/m:Q4_K_M", { repoId: "o/m", words: "o/m", quantization: "Q4_K_M" }],
    ["some words:q8_0", { repoId: null, words: "some words", quantization: "q8_0" }],
  ])("is read from %s", (text, wanted) => {
    expect(readWanted(text)).toEqual(wanted);
  });
});

describe("chooseRepository", () => {
  const found = [
    repository("a/Qwen2.5-32B-Instruct-GGUF"),
    repository("b/Qwen2.5-3B-Instruct-GGUF", { gated: "manual" }),
    repository("c/Qwen-2.5-3B-GGUF"),
    repository("d/Qwen2.5-3B-Instruct-GGUF"),
  ];

  it("takes the first that has all the words and is open to all", () => {
    expect(chooseRepository(found, "qwen2.5-3b").id).toBe("c/Qwen-2.5-3B-GGUF");
    expect(chooseRepository(found, "qwen2.5 3b instruct").id).toBe("d/Qwen2.5-3B-Instruct-GGUF");
  });

  it("takes one that asks for consent where no other is meant", () => {
    expect(chooseRepository(found.slice(0, 2), "qwen2.5-3b").id).toBe("b/Qwen2.5-3B-Instruct-GGUF");
  });

  it.each([
    ["qwen3-4b", "unsloth/Qwen3-14B-GGUF", "Qwen/Qwen3-4B-GGUF"],
    ["qwen3-4b", "a/Qwen3-0.4B-GGUF", "a/Qwen3-4B-GGUF"],
    ["qwen3-4b", "a/Qwen3-40B-A4B-GGUF", "a/Qwen3-4B-GGUF"],
    ["qwen3-4b", "a/Qwen3-4bit-GGUF", "a/Qwen3-4B-GGUF"],
    ["llama-3.2-1b", "a/Llama-3.2-11B-Vision-GGUF", "a/Llama-3.2-1B-Instruct-GGUF"],
    ["phi-3", "a/Phi-3.5-mini-instruct-GGUF", "a/Phi-3-mini-4k-instruct-GGUF"],
    ["phi3", "a/Phi-13-GGUF", "a/Phi-3-mini-GGUF"],
    ["gemma 3", "a/gemma-3n-E4B-it-GGUF", "a/gemma-3-4b-it-GGUF"],
    ["qwen-3", "a/Qwen2.5-3B-GGUF", "a/Qwen3-8B-GGUF"],
    ["qwen2.5-3b", "a/Qwen2.5-VL-3B-Instruct-GGUF", "a/Qwen2.5-3B-Instruct-GGUF"],
    ["qwen 32b", "Qwen/QwQ-32B-GGUF", "Qwen/Qwen3-32B-GGUF"],
    ["llama 1.1b", "a/TinyLlama-1.1B-Chat-GGUF", "a/Llama-1.1B-GGUF"],
    ["qwen3-4b", "a/Qwen3-4B-Instruct-2507-GGUF", "b/Qwen3-4B-GGUF"],
  ])("means by %s not %s, but %s, whichever comes first", (words, other, meant) => {
    for (const ids of [
      [other, meant],
      [meant, other],
    ])
      expect(
        chooseRepository(
          ids.map((id) => repository(id)),
          words,
        ).id,
      ).toBe(meant);
  });

  it.each([
    ["qwen3-4b", "a/Qwen3-14B-GGUF"],
    ["qwen3-3b", "a/Qwen3-30B-A3B-GGUF"],
    ["qwen-3", "a/Qwen2.5-3B-GGUF"],
    ["phi-3", "a/Phi-3.5-mini-GGUF"],
    ["gemma-3", "a/gemma-3n-E4B-it-GGUF"],
  ])("means by %s never %s, even where nothing else is there", (words, other) => {
    expect(() => chooseRepository([repository(other)], words)).toThrow(/no GGUF model/);
  });

  it("takes a part of a word where nothing has the whole, and the first of equals", () => {
    const some = [repository("a/TinyLlama-1.1B-Chat-GGUF"), repository("b/TinyLlama-1.1B-GGUF")];
    expect(chooseRepository(some, "tiny llama").id).toBe("a/TinyLlama-1.1B-Chat-GGUF");
    expect(chooseRepository(some.toReversed(), "tiny llama").id).toBe("b/TinyLlama-1.1B-GGUF");
  });

  it("says what there is where nothing is meant", () => {
    expect(() => chooseRepository(found, "llama")).toThrow(/no GGUF model.*Similar: a\/Qwen/);
    expect(() => chooseRepository([], "llama")).toThrow(/has 'llama'\.$/);
  });
});

describe("chooseEntry", () => {
  const files = [file("Q2_K", "fits"), file("Q4_K_M", "fits"), file("Q8_0", "does_not_fit")];
  const recommended = { filename: "m-Q4_K_M.gguf", reason: "the usual" };

  it("takes the recommended one", () => {
    expect(chooseEntry(listing(files, recommended), null, false)).toMatchObject({
      entry: { filename: "m-Q4_K_M.gguf" },
      reason: "the usual",
    });
  });

  it("takes the one that was named, unless it does not fit", () => {
    expect(chooseEntry(listing(files), "q2_k", false).entry.quantization).toBe("Q2_K");
    expect(() => chooseEntry(listing(files), "Q8_0", false)).toThrow("With --force");
    expect(chooseEntry(listing(files), "Q8_0", true).entry.quantization).toBe("Q8_0");
    expect(() => chooseEntry(listing(files), "Q5_0", false)).toThrow("It has: Q2_K, Q4_K_M, Q8_0.");
  });

  it("leaves out what is not whole, and says where nothing fits", () => {
    const cut = { ...file("Q2_K", "fits"), missing_parts: [2] };
    expect(() => chooseEntry(listing([cut]), null, false)).toThrow("no whole GGUF model");
    const large = [file("Q2_K", "does_not_fit")];
    expect(() => chooseEntry(listing(large), null, false)).toThrow("It is does_not_fit.");
    expect(chooseEntry(listing(large), null, true).entry.quantization).toBe("Q2_K");
    expect(chooseEntry(listing([file("Q2_K", null)]), null, false).entry.quantization).toBe("Q2_K");
  });
});
