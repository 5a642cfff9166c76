/** llama-server from the project's own release: one pinned version, each file with its SHA-256. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { findOnPath, run } from "../command.mjs";
import { download } from "../download.mjs";
import { findProgram, install } from "./install.mjs";

/** llama.cpp 0.6.0. */
const tag = "b11429";
const address = `https://github.com/ggml-org/llama.cpp/releases/download/${tag}`;

/**
 * File names after `llama-TAG-bin-`, and the sums that the release page shows beside them. A CUDA build needs the
 * CUDA libraries, which are a file of their own.
 * @type {Record<string, Record<string, string>>}
 */
const archives = {
  "darwin-arm64": {
    "llama-b11429-bin-macos-arm64.tar.gz": "740288ec6887be94280a5dfa25b5e23a78285cab104519e6c7e218904ee82459",
  },
  "darwin-x64": {
    "llama-b11429-bin-macos-x64.tar.gz": "29ac3ea02be6bd143e824973f2cc5fa74bc4094393a9eaab0ff6814f19dd8522",
  },
  "linux-x64": {
    "llama-b11429-bin-ubuntu-x64.tar.gz": "f6d25dde8f51133143d1453da4fd5f73b145127177612a283bf7995957af3392",
  },
  "linux-arm64": {
    "llama-b11429-bin-ubuntu-arm64.tar.gz":
      "ed44c0f79c3d02424f62bdc87e106318b0b89f49050e2e80c5f352723d14e00b",
  },
  "linux-x64-vulkan": {
    "llama-b11429-bin-ubuntu-vulkan-x64.tar.gz":
      "632c4e98feba2b94407a2130e3133e0c3aefb0ea1ab41337e926d8bfafdd0b74",
  },
  "linux-arm64-vulkan": {
    "llama-b11429-bin-ubuntu-vulkan-arm64.tar.gz":
      "702d99c4219b4314cc6d3b10fb41ae96cbfc68226305c2681269dfb51487af34",
  },
  "linux-x64-cuda": {
    "llama-b11429-bin-ubuntu-cuda-13.4-x64.tar.gz":
      "8082b7eaa74a714c9fecca19128f751c8e32da763ee8096b8ad1e824da7621d3",
    "cudart-llama-b11429-bin-ubuntu-cuda-13.4-x64.tar.gz":
      "93d18648d815b2bd624d83d82f653e1db97afb478f02064305fe3cf570040a6d",
  },
  "linux-arm64-cuda": {
    "llama-b11429-bin-ubuntu-cuda-13.4-arm64.tar.gz":
      "9c76d072276c0faa7fc1b5cbf715b4186dd2e8d7f16acd20b67daab24c82bd22",
    "cudart-llama-b11429-bin-ubuntu-cuda-13.4-arm64.tar.gz":
      "ad62e46cdc2e8636fa91e883b9e9ad779516f61cc478ece1c90e5dbc905a7d29",
  },
  "win32-x64": {
    "llama-b11429-bin-win-cpu-x64.zip": "1283323272b04cd07905816a597a0da810918102de958f4ff6f7bbaa70ed2efe",
  },
  "win32-arm64": {
    "llama-b11429-bin-win-cpu-arm64.zip": "ee0f631a9e58b146ff50714099d9cb498906af3143a773b580093a9214a8d1e5",
  },
  "win32-x64-vulkan": {
    "llama-b11429-bin-win-vulkan-x64.zip": "1bfe78ad9168b79fa02bf67f6af9f5e17a966d824d77238517f7bef12ac73b36",
  },
  "win32-x64-cuda": {
    "llama-b11429-bin-win-cuda-13.4-x64.zip":
      "76ddc6eff2389570789ed608881efc6977751a722015d8e8c94f302224ff1a3a",
    "cudart-llama-bin-win-cuda-13.4-x64.zip":
      "738f8c251ac22b70c3ae6f83a10cf222725df0395246a2cf58f32bdb85fbe668",
  },
};

/**
 * @typedef {object} Machine
 * @property {string} platform
 * @property {string} arch
 * @property {number | null} cuda the newest CUDA version that an NVIDIA driver here supports; null without one
 * @property {boolean} vulkan a graphics card of AMD or NVIDIA, and the library to reach it
 */

/**
 * The builds worth trying here, the fastest first. None where the release has none.
 * @param {Machine} machine
 * @returns {string[]} keys of `archives`
 */
export function chooseBuilds({ platform, arch, cuda, vulkan }) {
  const base = `${platform}-${arch}`;
  const builds = [];
  // Builds for CUDA 13.4 run on any driver of the 13 series.
  if (cuda !== null && cuda >= 13) builds.push(`${base}-cuda`);
  if (vulkan) builds.push(`${base}-vulkan`);
  return [...builds, base].filter((build) => build in archives);
}

/**
 * @param {string} build one that `chooseBuilds` names
 * @returns {{ name: string, from: string, files: Record<string, string> }} files with their SHA-256
 */
export function pinnedRelease(build) {
  return { name: `${tag}-${build}`, from: address, files: archives[build] ?? {} };
}

/**
 * @param {string} cacheDir
 * @param {ReturnType<typeof pinnedRelease>} release
 * @param {import("../report.mjs").Report} report
 * @returns {Promise<string>} path of the program
 */
export function installRelease(cacheDir, { name, from, files }, report) {
  return install(cacheDir, name, async (folder) => {
    for (const [file, sha256] of Object.entries(files)) {
      const archive = path.join(folder, file);
      await download(`${from}/${file}`, archive, { sha256, onProgress: (...n) => report.bytes(...n) });
      // Windows' own tar reads zip files too; one that came with other software may not.
      const tar = process.platform === "win32" ? `${process.env.SystemRoot}\\System32\\tar.exe` : "tar";
      await run(tar, ["-xf", archive, "-C", folder]);
      rmSync(archive);
    }
    return findProgram(folder);
  });
}

/** @returns {Promise<Machine>} */
export async function inspectMachine() {
  const { platform, arch } = process;
  return { platform, arch, cuda: await cudaVersion(), vulkan: hasVulkan() };
}

async function cudaVersion() {
  const tool = findOnPath("nvidia-smi");
  if (!tool) return null;
  const output = await run(tool, [], { timeoutMs: 10_000 }).catch(() => "");
  const version = /CUDA Version: *(\d+(?:\.\d+)?)/.exec(output)?.[1];
  return version === undefined ? null : Number(version);
}

/**
 * Only cards of AMD and NVIDIA: an integrated one is often slower than the processor, and a machine without any may
 * have a Vulkan that computes on the processor.
 */
function hasVulkan() {
  if (process.platform !== "linux") return false;
  const folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
  if (!folders.some((folder) => existsSync(`${folder}/libvulkan.so.1`))) return false;
  const cards = existsSync("/sys/class/drm") ? readdirSync("/sys/class/drm") : [];
  return cards.filter((name) => name.startsWith("renderD")).some((name) => isFastCard(name));
}

/** @param {string} name of a render node */
function isFastCard(name) {
  try {
    const vendor = readFileSync(`/sys/class/drm/${name}/device/vendor`, "utf8").trim();
    return vendor === "0x1002" || vendor === "0x10de";
  } catch {
    return false;
  }
}
