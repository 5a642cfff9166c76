import fc from "fast-check";
import { expect, it } from "vitest";
import { KeptIds } from "./kept-ids.ts";

/** Files below `/models`, by their relative paths. */
const files = (...paths: string[]) => paths.map((relative) => ({ file: `/models/${relative}`, relative }));

const shown = (kept: KeptIds, ...paths: string[]) => [...kept.idsFor(files(...paths)).values()];

it("stay as they are when a second file of the name comes, whichever is nearer to the root", () => {
  const kept = new KeptIds();
  expect(shown(kept, "one/m.gguf")).toEqual(["m"]);
  expect(shown(kept, "one/m.gguf", "two/M.gguf")).toEqual(["m", "two/M"]);
  expect(shown(kept, "m.gguf", "one/m.gguf", "two/M.gguf").sort()).toEqual(["m", "m-2", "two/M"]);
});

it("stay as they are over a restart, also of files that came meanwhile", () => {
  const before = new KeptIds();
  before.idsFor(files("two/m.gguf"));
  const after = new KeptIds(JSON.parse(JSON.stringify(before.toRecord())));
  expect(shown(after, "one/m.gguf", "two/m.gguf").sort()).toEqual(["m", "one/m"]);
});

it("both have folders where both files are new", () => {
  expect(shown(new KeptIds(), "one/m.gguf", "two/m.gguf")).toEqual(["one/m", "two/m"]);
});

it("stay as they are when the first file goes, whose id is free then", () => {
  const kept = new KeptIds();
  kept.idsFor(files("one/m.gguf"));
  kept.idsFor(files("one/m.gguf", "two/m.gguf"));
  expect(shown(kept, "two/m.gguf")).toEqual(["two/m"]);
  expect(shown(kept, "two/m.gguf", "three/m.gguf").sort()).toEqual(["m", "two/m"]);
  expect(shown(kept, "one/m.gguf", "two/m.gguf", "three/m.gguf").sort()).toEqual(["m", "one/m", "two/m"]);
});

it("are found again by files of a disk that was away", () => {
  const kept = new KeptIds();
  kept.idsFor(files("one/m.gguf"));
  kept.idsFor(files("one/m.gguf", "two/m.gguf"));
  kept.idsFor(files("other.gguf"));
  expect(shown(kept, "one/m.gguf", "two/m.gguf")).toEqual(["m", "two/m"]);
});

it("are forgotten at last, of files that are gone", () => {
  const kept = new KeptIds();
  for (let round = 0; round < 4; round++)
    kept.idsFor(files(...Array.from({ length: 4_000 }, (_, index) => `round-${round}-${index}.gguf`)));
  expect(Object.keys(kept.toRecord()).length).toBeLessThanOrEqual(14_000);
  expect(shown(kept, "round-3-0.gguf")).toEqual(["round-3-0"]);
});

it("say when there is something to store", () => {
  const kept = new KeptIds();
  kept.idsFor(files("a.gguf"));
  expect(kept.isChanged).toBe(true);
  kept.toRecord();
  kept.idsFor(files("a.gguf"));
  kept.idsFor([]);
  expect(kept.isChanged).toBe(false);
});

it("never change while their files are there, and are never alike", () => {
  const part = fc.constantFrom("a", "b", "A", "a-2");
  const file = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join("/")}.gguf`);
  const looks = fc.array(fc.uniqueArray(file, { maxLength: 6 }), { maxLength: 6 });
  fc.assert(
    fc.property(looks, (paths) => {
      const kept = new KeptIds();
      let before: ReadonlyMap<string, string> = new Map();
      for (const look of paths) {
        const ids = kept.idsFor(files(...look));
        for (const [one, id] of before) if (ids.has(one)) expect(ids.get(one)).toBe(id);
        expect(new Set([...ids.values()].map((id) => id.toLowerCase())).size).toBe(look.length);
        before = ids;
      }
    }),
  );
});
