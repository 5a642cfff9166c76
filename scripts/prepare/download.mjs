/** Downloads a file to a temporary name, checks it, and only then gives it its own name. */
import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, renameSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import path from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { formatBytes } from "./report.mjs";

/** Long enough for a slow line, short enough where the host cannot be reached at all and another source waits. */
const connectTimeoutMs = 4_000;
const idleTimeoutMs = 30_000;
const maxRedirects = 5;

/**
 * @typedef {object} DownloadOptions
 * @property {string} sha256 hexadecimal; the file is refused when its bytes have another
 * @property {(doneBytes: number, totalBytes: number | undefined) => void} [onProgress]
 * @property {number} [connectTimeoutMs]
 * @property {number} [idleTimeoutMs]
 */

/**
 * @param {string} url
 * @param {string} file its folder is created
 * @param {DownloadOptions} options
 * @throws Error that names the host and what went wrong; nothing is left behind
 */
export async function download(url, file, options) {
  mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.part`;
  try {
    const response = await request(new URL(url), options, maxRedirects);
    const expected = Number(response.headers["content-length"]) || undefined;
    const received = await save(response, partial, expected, options);
    if (received.sha256 !== options.sha256)
      throw new Error(`${url} has the SHA-256 ${received.sha256}, and should have ${options.sha256}.`);
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
  }
}

/**
 * @param {URL} url
 * @param {DownloadOptions} options
 * @param {number} redirectsLeft
 * @returns {Promise<http.IncomingMessage>}
 */
async function request(url, options, redirectsLeft) {
  const response = await connect(url, options);
  const status = response.statusCode ?? 0;
  const location = response.headers.location;
  if (status >= 300 && status < 400 && location) {
    response.destroy();
    if (redirectsLeft === 0) throw new Error(`${url.host} redirects without end.`);
    const next = new URL(location, url);
    if (url.protocol === "https:" && next.protocol !== "https:")
      throw new Error(`${url.host} redirects to an unencrypted address.`);
    return request(next, options, redirectsLeft - 1);
  }
  if (status === 200) return response;
  response.destroy();
  throw new Error(`${url.host} answered ${status} for ${url.pathname}.`);
}

/**
 * @param {URL} url
 * @param {DownloadOptions} options
 * @returns {Promise<http.IncomingMessage>}
 */
function connect(url, options) {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === "https:";
    const started = (secure ? https : http).get(url, { headers: { "user-agent": "llm-gateway" } }, resolve);
    const limitMs = options.connectTimeoutMs ?? connectTimeoutMs;
    const giveUp = setTimeout(() => {
      started.destroy(new Error(`no connection within ${limitMs / 1000} s`));
    }, limitMs);
    started.once("socket", (socket) => {
      const connected = () => clearTimeout(giveUp);
      if (!socket.connecting) connected();
      else socket.once(secure ? "secureConnect" : "connect", connected);
    });
    started.setTimeout(options.idleTimeoutMs ?? idleTimeoutMs, () => started.destroy(new Error("no answer")));
    started.once("error", (error) => reject(new Error(`${url.host}: ${error.message}`, { cause: error })));
    started.once("close", () => clearTimeout(giveUp));
  });
}

/**
 * @param {http.IncomingMessage} response
 * @param {string} partial
 * @param {number | undefined} expected bytes
 * @param {DownloadOptions} options
 * @returns {Promise<{ sha256: string }>}
 */
async function save(response, partial, expected, options) {
  const hash = createHash("sha256");
  let bytes = 0;
  const count = new Transform({
    transform(chunk, _encoding, callback) {
      hash.update(chunk);
      bytes += chunk.length;
      options.onProgress?.(bytes, expected);
      callback(null, chunk);
    },
  });
  try {
    await pipeline(response, count, createWriteStream(partial));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The download broke off after ${formatBytes(bytes)}: ${reason}`, { cause: error });
  }
  return { sha256: hash.digest("hex") };
}
