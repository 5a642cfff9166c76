/** What a parser makes of an answer, in pieces of any size. */
import type { AnswerListener, AnswerParser } from "../answer-parser.ts";

const readBuffer = Buffer.alloc(256 * 1024);

/**
 * Expects an answer and hands its pieces on as a socket would: all in the same memory.
 * @returns the calls so far; what comes of the body stands there as one
 */
export function feed(
  parser: AnswerParser,
  pieces: Iterable<Buffer>,
  hooks: Partial<AnswerListener> = {},
): string[] {
  const calls: string[] = [];
  parser.begin({
    onHead: (status) => {
      calls.push(`head ${status}`);
      hooks.onHead?.(status);
    },
    onBody: (bytes) => {
      if (bytes.length === 0) throw new Error("A piece of the body is empty.");
      const last = calls.at(-1);
      const before = last?.startsWith("body ") ? calls.pop() : "body ";
      calls.push(before + bytes.toString("latin1"));
      hooks.onBody?.(bytes);
    },
    onEnd: () => {
      calls.push("end");
      hooks.onEnd?.();
    },
  });
  for (const piece of pieces) {
    const bytes = readBuffer.subarray(0, piece.copy(readBuffer));
    parser.push(bytes);
    bytes.fill("?");
  }
  return calls;
}

export function inOne(wire: string): Buffer[] {
  return [Buffer.from(wire, "latin1")];
}

export function bytewise(wire: string): Buffer[] {
  const bytes = Buffer.from(wire, "latin1");
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}

export function splitAt(wire: string, at: number): Buffer[] {
  const bytes = Buffer.from(wire, "latin1");
  return [bytes.subarray(0, at), bytes.subarray(at)];
}
