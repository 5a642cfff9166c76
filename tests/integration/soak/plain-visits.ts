/** Visits of clients that use HTTP as everybody does. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { expect } from "vitest";
import {
  type ChatBody,
  type ChatTarget,
  chat,
  counting,
  hello,
  openStream,
  postJson,
} from "../../harness/chat.ts";
import { arrivals, askForNothing, askRemote } from "./engine.ts";
import { localModel, type VisitKind } from "./visit.ts";

const helloLocal = { ...hello, model: localModel };
const countingLocal = { ...counting, model: localModel };

const weatherTool = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const answerSchema = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
const byAnswerSchema = { type: "json_schema", json_schema: { name: "answer", schema: answerSchema } };

const answered = { answers: [200], outcomes: ["ok"] } satisfies Partial<VisitKind>;
const left = { answers: [], outcomes: ["client_left"] } satisfies Partial<VisitKind>;

export const chatVisits: VisitKind[] = [
  { name: "whole", ...answered, visit: (target) => takeWhole(target, helloLocal) },
  { name: "stream", ...answered, visit: (target) => takeStream(target, helloLocal) },
  { name: "left stream", ...left, visit: (target) => leaveStream(target, countingLocal) },
  {
    name: "whole with a tool",
    ...answered,
    visit: (target) => takeWhole(target, { ...helloLocal, tools: [weatherTool] }, /"tool_calls":\[\{/),
  },
  {
    name: "stream with a tool",
    ...answered,
    visit: (target) => takeStream(target, { ...helloLocal, tools: [weatherTool] }, /"tool_calls":\[\{/),
  },
  {
    name: "whole by a schema",
    ...answered,
    visit: (target) => takeWhole(target, { ...helloLocal, response_format: byAnswerSchema }, /"content":"\{/),
  },
  { name: "remote whole", ...answered, visit: (target) => takeWhole(target, askRemote("words")) },
  { name: "remote stream", ...answered, visit: (target) => takeStream(target, askRemote("words")) },
  {
    name: "left remote stream",
    ...left,
    visit: (target) => leaveStream(target, askRemote("words for ever")),
  },
  { name: "left remote whole", ...left, visit: leaveWhole },
];

const looksUp = (path: string, pattern: RegExp) => (target: ChatTarget) => get(target, path, pattern);

export const otherVisits: VisitKind[] = [
  {
    name: "malformed",
    answers: [400],
    outcomes: [],
    visit: async (target) =>
      taken(await postJson(`${target.url}/v1/chat/completions`, target.key, '{"messages": 3}'), /"error"/),
  },
  {
    name: "wrong key",
    answers: [401],
    outcomes: [],
    visit: (target) => takeWhole({ ...target, key: wrongKey }, helloLocal, /"error"/),
  },
  { name: "portal", answers: [200, 200, 200], outcomes: [], visit: readPortal },
  { name: "health", answers: [200], outcomes: [], visit: looksUp("/health", /"ok"/) },
  { name: "models", answers: [200], outcomes: [], visit: looksUp("/v1/models", new RegExp(localModel)) },
];

/** A key as one looks, and nobody's. */
export const wrongKey = `sk-${"0".repeat(48)}`;

async function takeWhole(target: ChatTarget, body: ChatBody, pattern = /"usage"/): Promise<number[]> {
  return taken(await chat(target, body), pattern);
}

async function takeStream(target: ChatTarget, body: ChatBody, pattern = /"content"/): Promise<number[]> {
  const stream = await openStream(target, body);
  const events = await stream.rest();
  expect(events.at(-1)).toBe("[DONE]");
  expect(events.join("\n")).toMatch(pattern);
  return [stream.response.status];
}

async function leaveStream(target: ChatTarget, body: ChatBody): Promise<number[]> {
  const stream = await openStream(target, body);
  expect(stream.response.status).toBe(200);
  await stream.next();
  stream.leave();
  return [];
}

async function leaveWhole(target: ChatTarget): Promise<number[]> {
  const text = randomUUID();
  const leaving = new AbortController();
  const arrived = once(arrivals, text);
  const asked = chat(target, askForNothing(text), leaving.signal).catch(() => null);
  const answer = await Promise.race([arrived.then(() => null), asked]);
  leaving.abort();
  return answer ? [answer.status] : [];
}

async function readPortal(target: ChatTarget): Promise<number[]> {
  const page = await fetch(target.url);
  const html = await page.text();
  const [, script] = /<script src="([^"]+)"/.exec(html) ?? [];
  const [, stylesheet] = /<link rel="stylesheet" href="([^"]+)"/.exec(html) ?? [];
  const parts = [await get(target, String(script), /\S/), await get(target, String(stylesheet), /\S/)];
  return [page.status, ...parts.flat()];
}

async function get(target: ChatTarget, path: string, pattern: RegExp): Promise<number[]> {
  const headers = path.startsWith("/v1/") ? { authorization: `Bearer ${target.key}` } : undefined;
  return taken(await fetch(target.url + path, { headers }), pattern);
}

/** Reads the answer to its end. */
async function taken(response: Response, pattern: RegExp): Promise<number[]> {
  expect(await response.text()).toMatch(pattern);
  return [response.status];
}
