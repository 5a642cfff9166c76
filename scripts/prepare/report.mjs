/** Says what a preparation does: one line that moves on a terminal, a line now and then elsewhere. */

/** Between two lines of a long step where nothing moves. */
const plainIntervalMs = 10_000;
const terminalIntervalMs = 200;

/** @param {number} bytes */
export function formatBytes(bytes) {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** @param {number} ms */
export function formatSeconds(ms) {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/**
 * @typedef {object} Output where lines go; a terminal's width is in columns
 * @property {boolean} isTTY
 * @property {number} [columns]
 * @property {(text: string) => void} write
 */

export class Report {
  /**
   * @param {Output} output
   * @param {() => number} now milliseconds
   */
  constructor(output, now = () => performance.now()) {
    this.output = output;
    this.now = now;
    /** @type {{ title: string, detail: string, startedMs: number } | undefined} */
    this.current = undefined;
    /** @type {NodeJS.Timeout | undefined} */
    this.timer = undefined;
  }

  /**
   * Begins a step. Its title says what it does.
   * @param {string} title
   */
  begin(title) {
    this.current = { title, detail: "", startedMs: this.now() };
    if (!this.output.isTTY) this.output.write(`${title} ...\n`);
    this.timer = setInterval(
      () => this.tick(),
      this.output.isTTY ? terminalIntervalMs : plainIntervalMs,
    ).unref();
    if (this.output.isTTY) this.tick();
  }

  /**
   * What the step is at, as "12.1 MB of 98.4 MB".
   * @param {string} detail
   */
  detail(detail) {
    if (this.current) this.current.detail = detail;
  }

  /**
   * @param {number} doneBytes
   * @param {number | undefined} totalBytes
   */
  bytes(doneBytes, totalBytes) {
    this.detail(formatBytes(doneBytes) + (totalBytes ? ` of ${formatBytes(totalBytes)}` : ""));
  }

  /** Prints where the current step is. */
  tick() {
    if (!this.current) return;
    const { title, detail, startedMs } = this.current;
    const facts = [detail, formatSeconds(this.now() - startedMs)].filter(Boolean).join(", ");
    if (this.output.isTTY) this.#overwrite(`  ${title} ... ${facts}`);
    else this.output.write(`  ${title}: ${facts}\n`);
  }

  /**
   * Ends the current step well.
   * @param {string} [result] what came of it
   */
  done(result = "") {
    const facts = this.#end();
    if (!facts) return;
    const line = `${facts.title}: ${[result || "done", formatSeconds(facts.tookMs)].join(", ")}\n`;
    if (this.output.isTTY) this.#overwrite("");
    this.output.write(this.output.isTTY ? `  \x1b[32m✓\x1b[0m ${line}` : `  ${line}`);
  }

  /** Ends the current step badly; the caller says why. */
  failed() {
    const facts = this.#end();
    if (!facts) return;
    if (this.output.isTTY) this.#overwrite("");
    this.output.write(`  ${this.output.isTTY ? "\x1b[31m✗\x1b[0m " : ""}${facts.title}: failed\n`);
  }

  /**
   * A line of its own, whatever is going on.
   * @param {string} text
   */
  note(text) {
    if (this.output.isTTY && this.current) this.#overwrite("");
    this.output.write(`  ${text}\n`);
  }

  #end() {
    clearInterval(this.timer);
    const current = this.current;
    this.current = undefined;
    return current && { title: current.title, tookMs: this.now() - current.startedMs };
  }

  /** @param {string} line cut to the terminal's width: a wrapped line could not be overwritten */
  #overwrite(line) {
    this.output.write(`\r\x1b[2K${line.slice(0, Math.max(20, (this.output.columns || 80) - 1))}`);
  }
}
