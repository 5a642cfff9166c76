/** Visits that take seconds: of readers that rest, and of senders that are slow. */
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { pushBlanks, received } from "../../../server/http/testing/raw-socket.ts";
import type { ChatTarget } from "../../harness/chat.ts";
import { askRemote } from "./engine.ts";
import { wrongKey } from "./plain-visits.ts";
import { chatHead, chatRequest, openChat, statusesIn } from "./raw-chat.ts";
import type { VisitKind } from "./visit.ts";

const megabyte = 1024 * 1024;
const restMs = 3_000;
const pieces = 5;
const betweenPiecesMs = 250;

const close = "Connection: close";

export const patientVisits: VisitKind[] = [
  { name: "rests, then reads on", answers: [200], outcomes: ["ok"], visit: restAndRead },
  { name: "rests, then leaves", answers: [], outcomes: ["client_left"], visit: restAndLeave },
  {
    name: "slow announced body",
    answers: [200],
    outcomes: ["ok"],
    visit: (target) => sendSlowly(target, `Content-Length: ${slowBody.length}`, (piece) => piece),
  },
  {
    name: "slow unannounced body",
    answers: [200],
    outcomes: ["ok"],
    visit: (target) => sendSlowly(target, "Transfer-Encoding: chunked", framed),
  },
  { name: "left in its body", answers: [], outcomes: [], visit: leaveInBody },
  { name: "sends on, and is reset", answers: [401], outcomes: [], visit: sendOn },
];

const [question] = askRemote("words").messages;
const padding = { role: "system", content: "Take your time. ".repeat(1_000) };
const slowBody = JSON.stringify({ ...askRemote("words"), messages: [padding, question] });

async function restAndRead(target: ChatTarget): Promise<number[]> {
  const socket = await openChat(target, chatRequest(target, { ...askRemote("flood"), stream: true }, close));
  await sleep(restMs);
  const text = await received(socket);
  socket.destroy();
  expect(text.slice(-100)).toContain("data: [DONE]");
  return statusesIn(text);
}

async function restAndLeave(target: ChatTarget): Promise<number[]> {
  const flood = { ...askRemote("a flood for ever"), stream: true };
  const socket = await openChat(target, chatRequest(target, flood));
  await sleep(restMs);
  socket.destroy();
  return [];
}

async function sendSlowly(target: ChatTarget, framing: string, frame: (piece: string) => string) {
  const socket = await openChat(target, chatHead(target, framing, close));
  const answer = received(socket);
  await writePieces(socket, slowBody, frame);
  if (frame === framed) socket.write("0\r\n\r\n");
  const statuses = statusesIn(await answer);
  socket.destroy();
  return statuses;
}

async function leaveInBody(target: ChatTarget): Promise<number[]> {
  const socket = await openChat(target, chatHead(target, `Content-Length: ${slowBody.length}`));
  await writePieces(socket, slowBody.slice(0, -1), (piece) => piece);
  socket.destroy();
  return [];
}

/** What is sent behind the answer is not even fetched, until the gateway has had enough. */
async function sendOn(target: ChatTarget): Promise<number[]> {
  const head = chatHead({ ...target, key: wrongKey }, "Transfer-Encoding: chunked");
  const socket = await openChat(target, `${head}${(100 * megabyte).toString(16)}\r\n`);
  const errors: (string | undefined)[] = [];
  socket.on("error", ({ code }: NodeJS.ErrnoException) => errors.push(code));
  const answer = received(socket);
  await pushBlanks(socket, 4 * megabyte);
  const statuses = statusesIn(await answer);
  for (; !socket.closed; await sleep(betweenPiecesMs)) socket.write(" ");
  expect(["EPIPE", "ECONNRESET"]).toContain(errors[0]);
  return statuses;
}

async function writePieces(socket: Socket, text: string, frame: (piece: string) => string): Promise<void> {
  const size = Math.ceil(text.length / pieces);
  for (let at = 0; at < text.length; at += size) {
    socket.write(frame(text.slice(at, at + size)));
    await sleep(betweenPiecesMs);
  }
}

/** One chunk of HTTP/1.1's chunked coding; the text is ASCII. */
function framed(piece: string): string {
  return `${piece.length.toString(16)}\r\n${piece}\r\n`;
}
