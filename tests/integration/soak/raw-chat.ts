/** Chat requests as bytes, for clients that send or read in ways of their own. */
import type { Socket } from "node:net";
import { openSocket } from "../../../server/http/testing/raw-socket.ts";
import type { ChatBody, ChatTarget } from "../../harness/chat.ts";

/** The head of a chat request whose body has the given framing. */
export function chatHead({ key }: ChatTarget, ...headers: string[]): string {
  const all = [
    "Host: localhost",
    `Authorization: Bearer ${key}`,
    "Content-Type: application/json",
    ...headers,
  ];
  return `POST /v1/chat/completions HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n`;
}

/** A whole chat request. */
export function chatRequest(target: ChatTarget, body: ChatBody, ...headers: string[]): string {
  const text = JSON.stringify(body);
  return chatHead(target, `Content-Length: ${Buffer.byteLength(text)}`, ...headers) + text;
}

/** Connects to the gateway and sends `bytes`. */
export function openChat({ url }: ChatTarget, bytes: string): Promise<Socket> {
  return openSocket(Number(new URL(url).port), bytes);
}

/** What comes until there is something that `pattern` fits, or nothing more. */
export function receivedUntil(socket: Socket, pattern: RegExp): Promise<string> {
  let text = "";
  return new Promise((resolve) => {
    socket.on("data", (chunk) => {
      text += chunk;
      if (pattern.test(text)) resolve(text);
    });
    for (const event of ["end", "close"]) socket.once(event, () => resolve(text));
  });
}

/** The statuses of the answers in what a connection received. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
