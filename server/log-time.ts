/** The time of a log line, as pino's `isoTime` writes it, for less: the date is put together once a second. */

/** Taken before Next is loaded, which puts a slower one in its place. */
const { now } = Date;
const msPerSecond = 1_000;

let second = -1;
let secondText = "";

/** @returns as `,"time":"2026-11-26T02:27:09.123Z"` */
export function logTime(): string {
  const nowMs = now();
  const nowSecond = Math.floor(nowMs / msPerSecond);
  if (nowSecond !== second) {
    second = nowSecond;
    secondText = new Date(nowSecond * msPerSecond).toISOString().slice(0, "2026-11-26T02:27:09".length);
  }
  return `,"time":"${secondText}.${String(nowMs % msPerSecond).padStart(3, "0")}Z"`;
}
