/**
 * A thread that hashes a file while it grows: always what is on the disk, from its first byte. Plain JavaScript, as the
 * built program and the sources start it alike.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

const pieceBytes = 1024 * 1024;

const hash = createHash("sha256");
const piece = Buffer.allocUnsafe(pieceBytes);
const file = openSync(workerData.file, "r");
let hashedBytes = 0;

/** @param {{ toBytes: number, isEnd: boolean }} message hash up to there; at the end tell the sum */
function advance({ toBytes, isEnd }) {
  while (hashedBytes < toBytes) {
    const read = readSync(file, piece, 0, Math.min(pieceBytes, toBytes - hashedBytes), hashedBytes);
    if (read === 0) throw new Error("The file has become shorter.");
    hash.update(piece.subarray(0, read));
    hashedBytes += read;
  }
  if (!isEnd) return;
  closeSync(file);
  parentPort?.postMessage(hash.digest("hex"));
  parentPort?.close();
}

parentPort?.on("message", advance);
