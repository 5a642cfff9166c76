/**
 * llama-server from the distribution's own packages: unpacked into the cache with everything that it links to, without
 * root and without touching the packages that are installed. It then runs on an older system too, as its C library
 * comes along.
 */
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { findOnPath, run } from "../command.mjs";
import { folderSize } from "../files.mjs";
import { install } from "./install.mjs";

/** The newest packages of each distribution, and the key that signs them. */
const distributions = {
  debian: { suite: "sid", components: "main", keyring: "/usr/share/keyrings/debian-archive-keyring.gpg" },
  ubuntu: {
    suite: "devel",
    components: "main universe",
    keyring: "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
  },
};
const packageName = "llama.cpp-tools";

/** @type {Record<string, string>} */
const libraryFolders = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/**
 * @param {string} cacheDir
 * @param {import("../report.mjs").Report} report
 * @returns {Promise<string>} path of the program
 * @throws Error that says why this machine cannot
 */
export async function installFromDistribution(cacheDir, report) {
  const missing = ["apt-get", "dpkg-deb"].filter((tool) => !findOnPath(tool));
  if (missing.length > 0) throw new Error("this is not a Debian or Ubuntu system");
  const libraries = libraryFolders[process.arch];
  if (!libraries) throw new Error(`there are no packages for ${process.arch}`);
  const source = packageSource(await run("apt-get", ["update", "--print-uris"]));
  return install(cacheDir, "distribution", async (folder) => {
    const archives = await fetchPackages(path.join(folder, "apt"), source, report);
    report.detail(`unpacking ${archives.length} packages`);
    for (const archive of archives) await run("dpkg-deb", ["-x", archive, path.join(folder, "root")]);
    rmSync(path.join(folder, "apt"), { recursive: true });
    return writeLauncher(folder, `root/usr/lib/${libraries}`);
  });
}

/**
 * The line of sources.list for the newest packages, from the site that this system already uses.
 * @param {string} uris what `apt-get update --print-uris` prints
 * @returns {string}
 */
export function packageSource(uris) {
  const match = /^'([^']*\/(debian|ubuntu|ubuntu-ports))\/dists\//m.exec(uris);
  const name = match?.[2]?.startsWith("ubuntu") ? "ubuntu" : "debian";
  if (!match) throw new Error("apt-get has no source of Debian's or Ubuntu's packages");
  const { suite, components, keyring } = distributions[name];
  return `deb [signed-by=${keyring}] ${match[1]} ${suite} ${components}\n`;
}

/**
 * @param {string} folder a state of apt's own: its lists, its cache, and no installed package, so that every
 *   dependency is fetched, the C library included
 * @param {string} source
 * @param {import("../report.mjs").Report} report
 * @returns {Promise<string[]>} the package files
 */
async function fetchPackages(folder, source, report) {
  const cache = path.join(folder, "cache/archives");
  mkdirSync(path.join(folder, "lists/partial"), { recursive: true });
  mkdirSync(path.join(cache, "partial"), { recursive: true });
  writeFileSync(path.join(folder, "sources.list"), source);
  writeFileSync(path.join(folder, "status"), "");
  const options = aptOptions(folder);
  const watch = setInterval(() => report.bytes(folderSize(folder), undefined), 300);
  try {
    await run("apt-get", [...options, "update"]);
    await run("apt-get", [...options, "-y", "--download-only", "install", packageName]);
  } finally {
    clearInterval(watch);
  }
  const names = readdirSync(cache).filter((name) => name.endsWith(".deb"));
  if (names.length === 0) throw new Error(`apt-get fetched nothing for ${packageName}`);
  return names.map((name) => path.join(cache, name));
}

/** @param {string} folder */
function aptOptions(folder) {
  const settings = [
    `Dir::Etc::sourcelist=${folder}/sources.list`,
    "Dir::Etc::sourceparts=-",
    `Dir::State=${folder}`,
    `Dir::State::status=${folder}/status`,
    `Dir::Cache=${folder}/cache`,
    "APT::Install-Recommends=false",
    // As root apt would fetch as another user, who may not write here.
    "APT::Sandbox::User=",
    "Debug::NoLocking=1",
    "Acquire::Retries=2",
    "Acquire::http::Timeout=15",
    "Acquire::https::Timeout=15",
  ];
  return ["-qq", ...settings.flatMap((setting) => ["-o", setting])];
}

/**
 * Writes a small program that runs llama-server with its own loader and libraries.
 * @param {string} folder
 * @param {string} libraries relative to `folder`
 * @returns {string} its path, relative to `folder`
 */
export function writeLauncher(folder, libraries) {
  const names = readdirSync(path.join(folder, libraries));
  const loader = names.find((name) => name.startsWith("ld-linux"));
  if (!loader) throw new Error("the packages hold no program loader");
  // ggml looks for its processor back ends beside the running program, which is the loader.
  for (const backends of names.includes("ggml") ? readdirSync(path.join(folder, libraries, "ggml")) : []) {
    for (const name of readdirSync(path.join(folder, libraries, "ggml", backends)))
      if (name.endsWith(".so")) symlinkSync(`ggml/${backends}/${name}`, path.join(folder, libraries, name));
  }
  const script = [
    "#!/bin/sh",
    `here=$(cd "\${0%/*}" && pwd)`,
    `lib="$here/${libraries}"`,
    `exec "$lib/${loader}" --library-path "$lib:$lib/llama" "$here/root/usr/bin/llama-server" "$@"`,
  ];
  writeFileSync(path.join(folder, "llama-server"), `${script.join("\n")}\n`, { mode: 0o755 });
  return "llama-server";
}
