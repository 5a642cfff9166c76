import { expect, test } from "vitest";
import { installedMatches } from "./dependencies.mjs";

const linux = { platform: "linux", arch: "x64" };
const wanted = {
  packages: {
    "": {},
    "node_modules/a": { version: "1.0.0" },
    "node_modules/native-linux-x64": { version: "1.0.0", optional: true, os: ["linux"], cpu: ["x64"] },
    "node_modules/native-darwin-arm64": { version: "1.0.0", optional: true, os: ["darwin"], cpu: ["arm64"] },
    "node_modules/native-linux-x64-musl": {
      version: "1.0.0",
      optional: true,
      os: ["linux"],
      cpu: ["x64"],
      libc: ["musl"],
    },
  },
};
const a = { "node_modules/a": { version: "1.0.0" } };
const native = { "node_modules/native-linux-x64": { version: "1.0.0" } };

test("everything for this machine is there, and other machines' builds are not missed", () => {
  expect(installedMatches(wanted, { packages: { ...a, ...native } }, linux)).toBe(true);
});

test("a missing package, another version, and another machine's build in this one's place are noticed", () => {
  expect(installedMatches(wanted, { packages: { ...native } }, linux)).toBe(false);
  expect(
    installedMatches(wanted, { packages: { ...native, "node_modules/a": { version: "1.0.1" } } }, linux),
  ).toBe(false);
  const copied = { ...a, "node_modules/native-darwin-arm64": { version: "1.0.0" } };
  expect(installedMatches(wanted, { packages: copied }, linux)).toBe(false);
  expect(installedMatches(wanted, { packages: copied }, { platform: "darwin", arch: "arm64" })).toBe(true);
});
