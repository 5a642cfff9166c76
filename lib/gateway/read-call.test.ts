import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isGatewayError } from "../errors.ts";
import { chatRequest } from "../openai/chat/request.ts";
import { parseCall, readCall } from "./read-call.ts";

function post(body: BodyInit, headers: Record<string, string> = {}): Request {
  const init: RequestInit = {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  };
  return new Request("http://localhost/v1/chat/completions", { ...init, ...{ duplex: "half" } });
}

async function refusal(request: Request, limitMegabytes = 1) {
  try {
    await readCall(request, { schema: chatRequest }, limitMegabytes);
  } catch (error) {
    if (isGatewayError(error))
      return { status: error.status, param: error.options.param, message: error.message };
    throw error;
  }
  return { status: 200 };
}

const hello = { messages: [{ role: "user", content: "hello" }] };

describe("readCall", () => {
  it("takes a body that breaks off for a client that left, not for a fault of ours", async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
    expect(await refusal(post(broken))).toMatchObject({ status: 499 });
  });

  it("reads a call and drops what it does not know", async () => {
    const body = JSON.stringify({ ...hello, cache_prompt: false, id_slot: 3, user: "Jörg" });
    const { call, bodyBytes } = await readCall(post(body), { schema: chatRequest }, 1);
    expect(call).toEqual(hello);
    expect(bodyBytes).toBe(Buffer.byteLength(body));
  });

  it.each(["5", "null", "[]", '"hello"'])("says that %s is no body", async (body) => {
    const { message, ...refused } = await refusal(post(body));
    expect(refused).toEqual({ status: 400, param: undefined });
    expect(message).toMatch(/^The body is not valid: .*expected object/);
  });

  it.each([
    ["messages[0].content", { messages: [{ role: "user" }] }],
    [
      "messages[1].content[0].text",
      { messages: [hello.messages[0], { role: "user", content: [{ type: "text" }] }] },
    ],
    ["messages[0].role", { messages: [{ role: "robot", content: "x" }] }],
    ["messages", { messages: [] }],
    ["messages", {}],
    ["max_tokens", { ...hello, max_tokens: 0 }],
    ["temperature", { ...hello, temperature: 3 }],
    ["tools[0].function.name", { ...hello, tools: [{ type: "function", function: { name: "a b" } }] }],
    [
      "messages[0].content[0].image_url.url",
      {
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: "ftp://127.0.0.1/" } }] },
        ],
      },
    ],
  ])("names the wrong field %s", async (param, body) => {
    expect(await refusal(post(JSON.stringify(body)))).toMatchObject({ status: 400, param });
  });

  it("says that the body is no JSON", async () => {
    expect(await refusal(post("{"))).toMatchObject({ status: 400 });
    expect((await refusal(post(""))).message).toContain("empty");
  });

  it("refuses other media types and encodings", async () => {
    expect((await refusal(post("{}", { "content-type": "text/plain" }))).status).toBe(415);
    expect((await refusal(post("{}", { "content-encoding": "gzip" }))).status).toBe(415);
  });

  it("refuses a large body by its announced length, and by its real one where none is announced", async () => {
    const large = JSON.stringify({ messages: [{ role: "user", content: "x".repeat(1_100_000) }] });
    expect((await refusal(post(large, { "content-length": String(large.length) }))).status).toBe(413);
    expect((await refusal(post(new Blob([large]).stream()))).status).toBe(413);
  });

  it("answers any JSON with a call or a 400", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (json) => {
        expect([200, 400]).toContain((await refusal(post(json))).status);
      }),
    );
  });
});

describe("parseCall", () => {
  it("stops at the first wrong value", () => {
    let seen = 0;
    const wrong = z.unknown().refine(() => ++seen === 0, { error: "is wrong", abort: true });
    expect(() =>
      parseCall('{"list":[1,2,3],"more":[4]}', z.object({ list: z.array(wrong), more: wrong })),
    ).toThrow("`list[0]` is wrong.");
    expect(seen).toBe(1);
  });

  /** Unbounded, these take seconds, or all the memory there is. */
  it.each([
    ["wrong messages", `{"messages":[${"{},".repeat(6_000_000)}{}]}`],
    ["messages", `{"messages":[${`${JSON.stringify(hello.messages[0])},`.repeat(500_000)}{}]}`],
    ["wrong parts", `{"messages":[{"role":"user","content":[${"{},".repeat(6_000_000)}{}]}]}`],
    ["biases", `{"messages":[],"logit_bias":{${'"x":"",'.repeat(2_000_000)}"y":0}}`],
    ["unknown values", `{"messages":[],"x":[${"0,".repeat(9_000_000)}0]}`],
  ])("refuses millions of %s at once", (_, text) => {
    const startedMs = performance.now();
    expect(() => parseCall(text, chatRequest)).toThrow("at most 100000 values");
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  it("takes a body that is large by one value only", () => {
    const content = "[{,".repeat(6_000_000);
    const text = JSON.stringify({ messages: [{ role: "user", content }] });
    expect(parseCall(text, chatRequest).messages[0]?.content).toBe(content);
  });
});
