/** HTTP/1.1 answers of engines (RFC 9112), cut out of what a socket reads: the status, and the body without its framing. */
import { type AnswerHead, MalformedAnswerError, parseHead } from "./answer-head.ts";

const maxHeadBytes = 64 * 1024;
const maxLineBytes = 8 * 1024;
const lineFeed = 10;
const headEnd = "\r\n\r\n";

const contentLength = /^\d{1,15}$/;
/** A size and what extensions may follow it. */
const chunkSize = /^([\da-f]{1,8})[ \t]*(?:;.*)?$/i;

export interface AnswerListener {
  onHead(status: number): void;
  /** Bytes that are good only during the call: the next read overwrites them. */
  onBody(bytes: Buffer): void;
  onEnd(): void;
}

type State = "idle" | "head" | "body" | "body-to-close" | "size" | "chunk" | "chunk-end" | "trailer";

/** Parses one answer after another on a connection. */
export class AnswerParser {
  /** False when the connection cannot be used for a further request. */
  keepsAlive = true;
  /** How long the engine says it keeps an idle connection, in milliseconds; null where it says nothing. */
  keepAliveMs: number | null = null;
  #state: State = "idle";
  #listener: AnswerListener | null = null;
  /** A head or line as far as it has come. */
  #text = "";
  #remainingBytes = 0;

  /** Expects an answer. */
  begin(listener: AnswerListener): void {
    this.#listener = listener;
    this.#state = "head";
    this.#text = "";
  }

  /** Expects nothing more, and ignores what comes. */
  stop(): void {
    this.#listener = null;
    this.#state = "idle";
    this.keepsAlive = false;
  }

  /** @throws MalformedAnswerError */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.#state !== "idle") at = this.#step(bytes, at);
    if (this.#state !== "idle") return;
    if (at < bytes.length) this.keepsAlive = false; // Nobody asked for this.
    this.#end();
  }

  /** The connection has ended, and with it an answer that goes on until then. */
  endOfInput(): void {
    if (this.#state !== "body-to-close") return;
    this.#state = "idle";
    this.#end();
  }

  /** Takes the next part from `at`. @returns where it ends */
  #step(bytes: Buffer, at: number): number {
    if (this.#state === "chunk" || this.#state === "body") return this.#readBody(bytes, at);
    if (this.#state === "head") return this.#readHead(bytes, at);
    if (this.#state === "body-to-close") {
      this.#listener?.onBody(at === 0 ? bytes : bytes.subarray(at));
      return bytes.length;
    }
    return this.#readLine(bytes, at);
  }

  #readHead(bytes: Buffer, at: number): number {
    const before = this.#text.length;
    this.#text += bytes.toString("latin1", at, bytes.length);
    const end = this.#text.indexOf(headEnd, Math.max(0, before - headEnd.length));
    if (end > maxHeadBytes || (end === -1 && this.#text.length > maxHeadBytes))
      throw new MalformedAnswerError("The head of the answer is too large.");
    if (end === -1) return bytes.length;
    const head = this.#text.slice(0, end + 2);
    this.#text = "";
    this.#beginBody(head);
    return at + end + headEnd.length - before;
  }

  #beginBody(head: string): void {
    const answer = parseHead(head);
    if (answer.status < 200) return; // An interim answer: the head of the real one follows.
    this.keepsAlive = answer.keepsAlive;
    this.keepAliveMs = answer.keepAliveMs;
    this.#state = this.#bodyState(answer);
    this.#listener?.onHead(answer.status);
    if (this.#state === "body" && this.#remainingBytes === 0) this.#state = "idle";
  }

  /** How the end of the body is told (RFC 9112, 6.3). */
  #bodyState({ status, encoding, length }: AnswerHead): State {
    this.#remainingBytes = 0;
    if (status === 204 || status === 304) return "body";
    if (encoding !== undefined && length !== undefined)
      throw new MalformedAnswerError("The answer has a transfer encoding and a length.");
    if (encoding === "chunked") return "size";
    if (encoding !== undefined && encoding !== "identity")
      throw new MalformedAnswerError(`The answer has the transfer encoding '${encoding}'.`);
    if (length !== undefined) {
      if (!contentLength.test(length))
        throw new MalformedAnswerError(`The answer has the length '${length}'.`);
      this.#remainingBytes = Number(length);
      return "body";
    }
    this.keepsAlive = false;
    return "body-to-close";
  }

  #readBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#remainingBytes);
    this.#remainingBytes -= end - at;
    const isLast = this.#remainingBytes === 0;
    const state = this.#state;
    this.#listener?.onBody(bytes.subarray(at, end));
    if (isLast && this.#state === state) this.#state = state === "chunk" ? "chunk-end" : "idle";
    return end;
  }

  #readLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(lineFeed, at);
    const stop = end === -1 ? bytes.length : end;
    if (this.#text.length + stop - at > maxLineBytes) throw new MalformedAnswerError("A line is too long.");
    const text = bytes.toString("latin1", at, stop);
    this.#text = this.#text === "" ? text : this.#text + text;
    if (end === -1) return bytes.length;
    if (!this.#text.endsWith("\r"))
      throw new MalformedAnswerError("A line does not end as lines of HTTP do.");
    const line = this.#text.slice(0, -1);
    this.#text = "";
    this.#takeLine(line);
    return end + 1;
  }

  #takeLine(line: string): void {
    if (this.#state === "trailer") {
      if (line === "") this.#state = "idle";
      return;
    }
    if (this.#state === "chunk-end") {
      if (line !== "") throw new MalformedAnswerError("A chunk is longer than it says.");
      this.#state = "size";
      return;
    }
    const size = chunkSize.exec(line)?.[1];
    if (size === undefined) throw new MalformedAnswerError("A chunk does not begin with its size.");
    this.#remainingBytes = Number.parseInt(size, 16);
    this.#state = this.#remainingBytes === 0 ? "trailer" : "chunk";
  }

  #end(): void {
    const listener = this.#listener;
    this.#listener = null;
    listener?.onEnd();
  }
}
