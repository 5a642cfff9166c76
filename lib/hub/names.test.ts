import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHubAddress, repoId, resolveAddress } from "./names.ts";

const hub = "https://huggingface.co";

describe("a repository's name", () => {
  it.each(["Qwen/Qwen2.5-3B-Instruct-GGUF", "a/b", "_x/y.z"])("may be %s", (name) => {
    expect(repoId.safeParse(name).success).toBe(true);
  });

  it.each([
    "",
    "a",
    "a/b/c",
    "../b",
    "a/..",
    "a/b/..",
    "a/.b",
    "a%2fb/c",
    "a/b?c",
    "a/b#",
    "a\\b/c",
    "a/b\0",
    " a/b",
  ])("may not be %j", (name) => {
    expect(repoId.safeParse(name).success).toBe(false);
  });
});

describe("the address of a file", () => {
  const address = { repoId: "org/m-GGUF", revision: "main", filename: "sub dir/m-Q4_K_M.gguf" };

  it("is read from a page's and from a download's", () => {
    for (const kind of ["blob", "resolve"])
      expect(
        parseHubAddress(`${hub}/org/m-GGUF/${kind}/main/sub%20dir/m-Q4_K_M.gguf?download=true`, hub),
      ).toEqual(address);
  });

  it.each([
    "https://example.org/org/m/resolve/main/m.gguf",
    `${hub}/org/m/tree/main/m.gguf`,
    `${hub}/org/m/resolve/main`,
    `${hub}/org/m/resolve/main/m.bin`,
    `${hub}/org/%2e%2e/resolve/main/m.gguf`,
    `${hub}/org/m/resolve/a%2F..%2Fb/m.gguf`,
    `${hub}@example.org/org/m/resolve/main/m.gguf`,
    "m.gguf",
  ])("is not %s", (text) => {
    expect(parseHubAddress(text, hub)).toBeNull();
  });

  it("survives the way there and back, whatever the file is called, below a path too", () => {
    const part = fc.string({ minLength: 1, maxLength: 30 }).filter((text) => !/[/\\]|^\.{1,2}$/.test(text));
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 3 }),
        part,
        fc.constantFrom(hub, `${hub}/mirror/`),
        (folders, name, at) => {
          const named = { ...address, filename: [...folders, `${name}.gguf`].join("/") };
          expect(parseHubAddress(resolveAddress(at, named), at)).toEqual(named);
        },
      ),
    );
  });
});
