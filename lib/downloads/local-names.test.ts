/** Whatever a hub or an address names: a download's file lies in one folder below the models folder, or it is refused. */
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGatewayError } from "../errors.ts";
import { isPlainName, localName, placeOfAddress, repositoryFolder } from "./local-names.ts";

const evil = fc.constantFrom(
  "..",
  ".",
  "%2f",
  "%2e%2e",
  "\\",
  "/",
  "\0",
  "\n",
  "C:",
  "con",
  "NUL",
  "\u202e",
  "~",
  " ",
  "-",
  ".gguf",
  "a",
);
const name = fc.oneof(
  fc.array(fc.oneof(evil, fc.string({ maxLength: 8 })), { maxLength: 8 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 300 }),
);

/** What it gives, or null where it refuses as it should. */
function tried<Value>(make: () => Value): Value | null {
  try {
    return make();
  } catch (error) {
    if (isGatewayError(error) && error.status === 400) return null;
    throw error;
  }
}

function expectConfined(...parts: string[]): void {
  for (const platform of [path.posix, path.win32]) {
    const root = platform.resolve("/data/models");
    const file = platform.resolve(root, ...parts);
    expect(platform.relative(root, file).split(platform.sep)).toEqual(parts);
  }
}

describe("the place of a file", () => {
  it("of a repository is one file in one folder", () => {
    fc.assert(
      fc.property(name, name, fc.array(name, { maxLength: 4 }), (repository, file, others) => {
        const folder = tried(() => repositoryFolder(repository));
        const local = tried(() => localName(file, [file, ...others]));
        if (folder !== null && local !== null) expectConfined(folder, local);
      }),
      { numRuns: 3000 },
    );
  });

  it("of an address is one .gguf file in one folder", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.domain(),
          fc.ipV4(),
          fc.ipV6().map((ip) => `[${ip}]`),
        ),
        name,
        (host, file) => {
          const text = `https://${host}/${file}`;
          const url = URL.canParse(text) ? new URL(text) : null;
          const place = url && tried(() => placeOfAddress(url));
          if (!place) return;
          expectConfined(place.folder, place.name);
          expect(place.name).toMatch(/\.gguf$/i);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("is told apart from that of another file with the same name", () => {
    const paths = ["Q4/m.gguf", "q8/M.gguf", "other.gguf"];
    expect(paths.map((one) => localName(one, paths))).toEqual(["Q4--m.gguf", "q8--M.gguf", "other.gguf"]);
  });
});

describe("a plain name", () => {
  it.each([
    "Qwen2.5-3B-Instruct-Q4_K_M.gguf",
    "Modell mit Lücke (1).gguf",
    "模型.gguf",
    "org--m",
    "console.gguf",
  ])("may be %s", (text) => {
    expect(isPlainName(text)).toBe(true);
  });

  it.each([
    "",
    ".",
    "..",
    ".hidden.gguf",
    "-rf.gguf",
    " a.gguf",
    "a.gguf ",
    "a.",
    "a/b.gguf",
    "a\\b.gguf",
    "a\0.gguf",
    "a\n.gguf",
    "con.gguf",
    "LPT1",
    "a:b.gguf",
    "a\u202efug.gguf",
    `${"x".repeat(240)}.gguf`,
    "é".repeat(121),
  ])("may not be %j", (text) => {
    expect(isPlainName(text)).toBe(false);
  });
});
