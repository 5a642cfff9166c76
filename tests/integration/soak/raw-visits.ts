/** Visits of clients whose bodies nobody reads, and of those that send their next request before they have an answer. */
import { randomUUID } from "node:crypto";
import { closed, pushBlanks, received } from "../../../server/http/testing/raw-socket.ts";
import { type ChatTarget, hello } from "../../harness/chat.ts";
import { askForNothing, askRemote } from "./engine.ts";
import { wrongKey } from "./plain-visits.ts";
import { chatHead, chatRequest, openChat, receivedUntil, statusesIn } from "./raw-chat.ts";
import { localModel, type VisitKind } from "./visit.ts";

const megabyte = 1024 * 1024;
/** What a soak's gateway takes at most, as `limits.body_mb` of its configuration. */
export const bodyLimitMegabytes = 1;

const helloLocal = { ...hello, model: localModel };

type Sender = (target: ChatTarget, sizeBytes: number) => Promise<number[]>;

/** The gateway fetches all of a body that says how large it is. */
const pushAnnounced: Sender = (target, sizeBytes) =>
  pushBody(target, `Content-Length: ${sizeBytes}`, "", sizeBytes);

/** Of any other it fetches a megabyte. */
const pushUnannounced: Sender = (target, sizeBytes) =>
  pushBody(target, "Transfer-Encoding: chunked", `${sizeBytes.toString(16)}\r\n`, sizeBytes);

const largeBodies: [kind: string, push: Sender, sizeBytes: number][] = [
  ["announced", pushAnnounced, 2 * megabyte],
  ["unannounced", pushUnannounced, 5 * megabyte],
];

export const largeBodyVisits: VisitKind[] = largeBodies.flatMap(([kind, push, sizeBytes]) => [
  {
    name: `large ${kind} body, wrong key`,
    answers: [401],
    outcomes: [],
    visit: (target) => push({ ...target, key: wrongKey }, sizeBytes),
  },
  {
    name: `too large ${kind} body`,
    answers: [413],
    outcomes: [],
    visit: (target) => push(target, sizeBytes),
  },
]);

export const pipelinedVisits: VisitKind[] = [
  { name: "two at once", answers: [200, 200], outcomes: ["ok", "ok"], visit: takeBoth },
  // The second has not had its turn.
  { name: "two, left in the first", answers: [200], outcomes: ["client_left"], visit: leaveInFirst },
  { name: "two, left between", answers: [200], outcomes: ["ok", "client_left"], visit: leaveBetween },
];

async function pushBody(target: ChatTarget, framing: string, first: string, sizeBytes: number) {
  const socket = await openChat(target, chatHead(target, framing) + first);
  const answer = received(socket);
  await pushBlanks(socket, sizeBytes);
  const statuses = statusesIn(await answer);
  socket.end();
  await closed(socket); // By the end of both sides, or by a reset.
  return statuses;
}

async function takeBoth(target: ChatTarget): Promise<number[]> {
  const two = [chatRequest(target, helloLocal), chatRequest(target, askRemote("words"), "Connection: close")];
  const socket = await openChat(target, two.join(""));
  const statuses = statusesIn(await received(socket));
  socket.destroy();
  return statuses;
}

async function leaveInFirst(target: ChatTarget): Promise<number[]> {
  const two = [{ ...askRemote("words for ever"), stream: true }, helloLocal];
  return leaveAt(target, two, /^data: /m);
}

async function leaveBetween(target: ChatTarget): Promise<number[]> {
  return leaveAt(target, [helloLocal, askForNothing(randomUUID())], /"usage":.*\}$/);
}

/** Sends the requests in one go, and leaves when there is something that `pattern` fits. */
async function leaveAt(target: ChatTarget, bodies: object[], pattern: RegExp): Promise<number[]> {
  const requests = bodies.map((body) => chatRequest(target, { ...body }));
  const socket = await openChat(target, requests.join(""));
  const statuses = statusesIn(await receivedUntil(socket, pattern));
  socket.destroy();
  return statuses;
}
