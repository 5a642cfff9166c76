import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { missingPlatforms, platformOf } from "./lock-platforms.mjs";

const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));

test("the lock has every optional build, so that npm ci takes it on every system", () => {
  expect(missingPlatforms(lock)).toEqual({});
});

test("the lock names no address to download from", () => {
  const entries: [string, { resolved?: string }][] = Object.entries(lock.packages);
  expect(entries.filter(([, entry]) => entry.resolved).map(([name]) => name)).toEqual([]);
});

test("reads system, processor and C library from a build's name", () => {
  expect(platformOf("@next/swc-linux-x64-musl")).toEqual({ os: ["linux"], cpu: ["x64"], libc: ["musl"] });
  expect(platformOf("@next/swc-linux-arm64-gnu")).toEqual({ os: ["linux"], cpu: ["arm64"], libc: ["glibc"] });
  expect(platformOf("@tailwindcss/oxide-win32-arm64-msvc")).toEqual({ os: ["win32"], cpu: ["arm64"] });
  expect(platformOf("@tailwindcss/oxide-wasm32-wasi")).toEqual({ cpu: ["wasm32"] });
  expect(() => platformOf("fsevents")).toThrow("fsevents");
});

test("finds what is missing, and takes a nested entry for what it is", () => {
  const build = { version: "1.0.0", optionalDependencies: { "@a/b-darwin-arm64": "1.0.0" } };
  expect(missingPlatforms({ packages: { "node_modules/a": { ...build, dev: true } } })).toEqual({
    "node_modules/@a/b-darwin-arm64": {
      version: "1.0.0",
      os: ["darwin"],
      cpu: ["arm64"],
      dev: true,
      optional: true,
    },
  });
  const nested = {
    "node_modules/x/node_modules/a": build,
    "node_modules/x/node_modules/@a/b-darwin-arm64": {},
  };
  expect(missingPlatforms({ packages: nested })).toEqual({});
});
