/** Tries a llama-server: its version, and one real request. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { run, watcher } from "../command.mjs";

const versionTimeoutMs = 30_000;
/** A first start on a graphics card compiles its kernels. */
const loadTimeoutMs = 180_000;
const answerTimeoutMs = 60_000;
const endTimeoutMs = 5_000;

/**
 * @param {string} file
 * @param {string | undefined} model a GGUF to ask; without one only the version is tried
 * @returns {Promise<import("./record.mjs").Verdict>} with a refusal where it does not work
 */
export async function verify(file, model) {
  const facts = statSync(file, { throwIfNoEntry: false });
  const verdict = {
    sizeBytes: facts?.size ?? 0,
    modifiedMs: facts?.mtimeMs ?? 0,
    version: "",
    answered: false,
  };
  try {
    if (!facts) throw new Error("There is no such file.");
    verdict.version = await readVersion(file);
    if (model) await askOnce(file, model);
    return { ...verdict, answered: model !== undefined };
  } catch (error) {
    return { ...verdict, refusal: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * @param {string} file
 * @returns {Promise<string>} as `0.7.0` or, before it had such numbers, the build's
 */
async function readVersion(file) {
  const output = await run(file, ["--version"], { timeoutMs: versionTimeoutMs });
  const version = /^version: *(\S+)/m.exec(output)?.[1];
  if (!version) throw new Error(`It does not tell a version: ${output.slice(0, 200)}`);
  return version;
}

/**
 * @param {string} file
 * @param {string} model
 */
async function askOnce(file, model) {
  const port = await freePort();
  const args = [
    "--model",
    model,
    "--host",
    "127.0.0.1",
    "--port",
    `${port}`,
    "--ctx-size",
    "256",
    "--parallel",
    "1",
  ];
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
  if (child.pid !== undefined) watcher.onStart(child.pid);
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      log = (log + text).slice(-4_000);
    });
  }
  const ended = once(child, "exit").then(
    ([code, signal]) => `ended with ${signal ?? `exit code ${code}`}`,
    (error) => error.message,
  );
  const early = ended.then((how) => {
    throw new Error(`It ${how} while it was tried:\n${log.trimEnd().split("\n").slice(-8).join("\n")}`);
  });
  early.catch(() => {});
  try {
    await Promise.race([conversation(`http://127.0.0.1:${port}`), early]);
  } finally {
    child.kill("SIGTERM");
    const forced = setTimeout(() => child.kill("SIGKILL"), endTimeoutMs);
    await ended;
    clearTimeout(forced);
  }
}

/** @param {string} address */
async function conversation(address) {
  await becomesReady(address, performance.now() + loadTimeoutMs);
  const response = await fetch(`${address}/completion`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "The sea is", n_predict: 4 }),
    signal: AbortSignal.timeout(answerTimeoutMs),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`It answered ${response.status}: ${text.slice(0, 200)}`);
  if (!/"content":"[^"]+"/.test(text)) throw new Error(`It answered without text: ${text.slice(0, 200)}`);
}

/**
 * @param {string} address
 * @param {number} deadlineMs
 */
async function becomesReady(address, deadlineMs) {
  for (;;) {
    try {
      const response = await fetch(`${address}/health`, { signal: AbortSignal.timeout(2_000) });
      await response.body?.cancel();
      if (response.status === 200) return;
    } catch {
      // Nobody listens yet.
    }
    if (performance.now() > deadlineMs) throw new Error(`It was not ready after ${loadTimeoutMs / 1000} s.`);
    await sleep(100);
  }
}

/** @returns {Promise<number>} */
export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port is free.");
  return address.port;
}
