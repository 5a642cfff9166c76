/** llama-server built from source. The npm package of node-llama-cpp carries llama.cpp as a git bundle. */
import { copyFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { findOnPath, npm, run } from "../command.mjs";
import { findProgram, install } from "./install.mjs";

/** Carries llama.cpp's own release of the same weeks. */
const version = "3.22.1";

/**
 * @param {string} cacheDir
 * @param {import("../report.mjs").Report} report
 * @returns {Promise<string>} path of the program
 * @throws Error that names the tools to install
 */
export async function buildFromSource(cacheDir, report) {
  const missing = missingTools();
  if (missing.length > 0)
    throw new Error(`${missing.join(", ")} not found: a build needs cmake, git and a C++ compiler`);
  return install(cacheDir, `source-${version}`, async (folder) => {
    const work = path.join(folder, "work");
    mkdirSync(work);
    report.detail("fetching the source");
    await unpackSource(work);
    await compile(path.join(work, "llama.cpp"), path.join(work, "build"), report);
    copyFileSync(
      path.join(work, "build/bin", findProgram(path.join(work, "build/bin"))),
      path.join(folder, programName),
    );
    rmSync(work, { recursive: true });
    return programName;
  });
}

const programName = process.platform === "win32" ? "llama-server.exe" : "llama-server";

function missingTools() {
  const missing = ["cmake", "git", "tar"].filter((tool) => !findOnPath(tool));
  const compilers = process.platform === "win32" ? ["cl", "clang++", "g++"] : ["c++", "g++", "clang++"];
  // On Windows cmake finds Visual Studio's compiler without PATH.
  if (process.platform !== "win32" && !compilers.some((tool) => findOnPath(tool)))
    missing.push("a C++ compiler");
  return missing;
}

/** @param {string} work receives `llama.cpp/` */
async function unpackSource(work) {
  const { command, args } = npm();
  await run(command, [...args, "pack", `node-llama-cpp@${version}`, "--pack-destination", work], {
    cwd: work,
  });
  const tarball = readdirSync(work).find((name) => name.endsWith(".tgz"));
  if (!tarball) throw new Error("npm left no tarball.");
  await run("tar", ["-xzf", tarball, "package/llama/gitRelease.bundle"], { cwd: work });
  await run("git", ["clone", "--quiet", "package/llama/gitRelease.bundle", "llama.cpp"], { cwd: work });
}

/**
 * One program that needs none of the build's libraries afterwards.
 * @param {string} source
 * @param {string} build
 * @param {import("../report.mjs").Report} report
 */
async function compile(source, build, report) {
  report.detail("configuring");
  const options = {
    CMAKE_BUILD_TYPE: "Release",
    BUILD_SHARED_LIBS: "OFF",
    GGML_NATIVE: "ON",
    LLAMA_BUILD_TESTS: "OFF",
    LLAMA_BUILD_EXAMPLES: "OFF",
    LLAMA_OPENSSL: "OFF",
  };
  const settings = Object.entries(options).map(([name, value]) => `-D${name}=${value}`);
  await run("cmake", ["-S", source, "-B", build, ...settings]);
  const jobs = String(Math.max(1, os.availableParallelism()));
  await run(
    "cmake",
    ["--build", build, "--config", "Release", "--target", "llama-server", "--parallel", jobs],
    {
      onLine(line) {
        const percent = /^\[ *(\d+%)\]/.exec(line)?.[1];
        if (percent) report.detail(`compiling, ${percent}`);
      },
    },
  );
}
