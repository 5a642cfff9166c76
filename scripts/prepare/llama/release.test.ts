import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { program, recordedReport, serve, temporaryFolder } from "../test-support.ts";
import { chooseBuilds, installRelease, pinnedRelease } from "./release.mjs";

const plain = { cuda: null, vulkan: false };

test("every common machine has a build, and graphics cards a faster one first", () => {
  const choose = (platform: string, arch: string, gpu = {}) =>
    chooseBuilds({ platform, arch, ...plain, ...gpu });
  expect(choose("darwin", "arm64")).toEqual(["darwin-arm64"]);
  expect(choose("win32", "x64", { cuda: 13.4 })).toEqual(["win32-x64-cuda", "win32-x64"]);
  expect(choose("linux", "x64", { cuda: 13, vulkan: true })).toEqual([
    "linux-x64-cuda",
    "linux-x64-vulkan",
    "linux-x64",
  ]);
  expect(choose("linux", "arm64", { vulkan: true })).toEqual(["linux-arm64-vulkan", "linux-arm64"]);
  expect(choose("freebsd", "x64")).toEqual([]);
});

test("an NVIDIA driver too old for the CUDA build gets another", () => {
  expect(chooseBuilds({ platform: "linux", arch: "x64", cuda: 12.8, vulkan: true })).toEqual([
    "linux-x64-vulkan",
    "linux-x64",
  ]);
});

test("a CUDA build brings its libraries, and every file has a SHA-256", () => {
  const builds = [
    "darwin-arm64",
    "darwin-x64",
    "linux-x64",
    "linux-arm64",
    "win32-x64",
    "win32-arm64",
    "linux-x64-cuda",
  ];
  for (const build of builds) {
    const files = Object.entries(pinnedRelease(build).files);
    expect(files.length).toBe(build.endsWith("cuda") ? 2 : 1);
    for (const [name, sha256] of files) {
      expect(name).toMatch(/\.(zip|tar\.gz)$/);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  }
});

/** A release archive as the project makes them, served over HTTP. */
async function releaseOf(folder: string) {
  const inside = path.join(folder, "llama-b1");
  program(inside, "llama-server", "");
  execFileSync("tar", ["-czf", "release.tar.gz", "llama-b1"], { cwd: folder });
  const archive = readFileSync(path.join(folder, "release.tar.gz"));
  const from = await serve((_, response) => response.end(archive));
  return { from, sha256: createHash("sha256").update(archive).digest("hex") };
}

test("installs the program complete, or nothing", async () => {
  const folder = temporaryFolder();
  const { from, sha256 } = await releaseOf(folder);
  const cache = path.join(folder, "cache");
  const { report } = recordedReport();
  const altered = { name: "b1", from, files: { "a.tar.gz": "0".repeat(64) } };
  await expect(installRelease(cache, altered, report)).rejects.toThrow(/SHA-256/);
  expect(readdirSync(path.join(cache, "llama-server"))).toEqual([]);

  const file = await installRelease(cache, { name: "b1", from, files: { "a.tar.gz": sha256 } }, report);
  expect(file).toBe(path.join(cache, "llama-server/b1/llama-b1/llama-server"));
  expect(existsSync(file)).toBe(true);
  expect(readdirSync(path.join(cache, "llama-server"))).toEqual(["b1"]);
});

test("what an interrupted installation left goes, and an earlier version is replaced", async () => {
  const folder = temporaryFolder();
  const { from, sha256 } = await releaseOf(folder);
  const cache = path.join(folder, "cache");
  mkdirSync(path.join(cache, "llama-server/.unfinished-abc/half"), { recursive: true });
  mkdirSync(path.join(cache, "llama-server/b1/old"), { recursive: true });
  await installRelease(cache, { name: "b1", from, files: { "a.tar.gz": sha256 } }, recordedReport().report);
  expect(readdirSync(path.join(cache, "llama-server"))).toEqual(["b1"]);
  expect(readdirSync(path.join(cache, "llama-server/b1"))).toEqual(["llama-b1"]);
});
