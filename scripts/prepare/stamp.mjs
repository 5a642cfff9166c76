/** Content stamps: a step whose inputs have the same bytes as when it last finished is not done again. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { errorCode } from "../../lib/error-code.mjs";

/** Tests are not built, and generated code follows from inputs that are stamped themselves. */
const ignored = /(\.test\.tsx?|\.md)$|^generated$/;

/**
 * SHA-256 over the names and bytes of files, and of everything in folders. What does not exist counts as absent.
 * @param {string} root
 * @param {readonly string[]} inputs files and folders, relative to `root`
 * @param {readonly string[]} facts further inputs that are not files, as a version
 * @returns {string} hexadecimal
 */
export function fingerprint(root, inputs, facts = []) {
  const hash = createHash("sha256").update(JSON.stringify(facts));
  for (const input of inputs) addInput(hash, root, input);
  return hash.digest("hex");
}

/**
 * @param {import("node:crypto").Hash} hash
 * @param {string} root
 * @param {string} input
 */
function addInput(hash, root, input) {
  const file = path.join(root, input);
  try {
    const content = readFileSync(file);
    hash.update(`${input}\0${content.length}\0`).update(content);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return;
    if (code !== "EISDIR") throw error;
    const names = readdirSync(file).sort();
    for (const name of names) if (!ignored.test(name)) addInput(hash, root, `${input}/${name}`);
  }
}

/** One step's stamp. It lies in `node_modules`, so that it goes when the dependencies go. */
export class Stamp {
  /**
   * @param {string} root
   * @param {string} name of the step
   * @param {readonly string[]} outputs relative to `root`; the stamp counts only while all exist
   */
  constructor(root, name, outputs) {
    this.file = path.join(root, "node_modules/.cache/llm-gateway", `${name}.stamp`);
    this.outputs = outputs.map((output) => path.join(root, output));
  }

  /** @param {string} current the inputs' fingerprint now */
  matches(current) {
    if (!this.outputs.every((output) => existsSync(output))) return false;
    try {
      return readFileSync(this.file, "utf8") === current;
    } catch (error) {
      if (errorCode(error) === "ENOENT") return false;
      throw error;
    }
  }

  /** Before the step begins, so that an interrupted one is done again. */
  clear() {
    rmSync(this.file, { force: true });
  }

  /** @param {string} finished the fingerprint that the step worked on */
  write(finished) {
    mkdirSync(path.dirname(this.file), { recursive: true });
    writeFileSync(`${this.file}.${process.pid}`, finished);
    renameSync(`${this.file}.${process.pid}`, this.file);
  }
}
