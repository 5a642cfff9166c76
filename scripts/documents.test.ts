/** Documents that name what no longer exists are worse than none. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "./prepare/settings.mjs";

const markdown = (folder: string) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => path.join(folder, name));
const documents = [...markdown("."), ...markdown("docs")];
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const read = (document: string) => readFileSync(path.join(root, document), "utf8");

test.each(documents)("%s links to files that exist", (document) => {
  const targets = [...read(document).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(
    ([, target = ""]) => target,
  );
  const missing = targets.filter((target) => !existsSync(path.join(root, path.dirname(document), target)));
  expect(missing).toEqual([]);
});

test.each(documents)("%s names source files that exist", (document) => {
  const names = [...read(document).matchAll(/`((?:app|lib|server|scripts|prisma|tests|bench)\/[\w./-]+)`/g)];
  const missing = names.map(([, name = ""]) => name).filter((name) => !existsSync(path.join(root, name)));
  expect(missing).toEqual([]);
});

test.each(documents)("%s names npm scripts that exist", (document) => {
  const names = [...read(document).matchAll(/`npm run ([\w:]+)/g)].map(([, name = ""]) => name);
  expect(names.filter((name) => !(name in manifest.scripts))).toEqual([]);
});

test("docs/dependencies.md gives a reason for every package, and for none that is not there", () => {
  const rows = [...read("docs/dependencies.md").matchAll(/^\| ([@a-z][^|]*?) \|/gm)];
  const explained = rows
    .flatMap(([, names = ""]) => names.split(", "))
    .filter((name) => /^[@a-z]/.test(name));
  const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(explained.filter((name) => name !== "llama-server").toSorted()).toEqual(packages.toSorted());
});
