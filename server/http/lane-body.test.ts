import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { laneServer, post, until } from "./testing/lane-server.ts";
import { received } from "./testing/raw-socket.ts";

const arrive = laneServer();
const chunked = "Transfer-Encoding: chunked";
const unusable = /unusable|already/i;

describe("text()", () => {
  it.each([
    ["of known length", post("höchst ünlich 😀"), "höchst ünlich 😀"],
    ["in chunks", post("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", chunked), "abcde"],
    ["of length 0", post(""), ""],
    ["of no chunks", post("0\r\n\r\n", chunked), ""],
    ["that was not announced", "POST /v1/x HTTP/1.1\r\nHost: x\r\n\r\n", ""],
    ["with a byte order mark, which is none of the text", post("\ufeff{}"), "{}"],
    ["of a byte order mark alone", post("\ufeff"), ""],
    ["with a second mark, which is", post("\ufeff\ufeff{}"), "\ufeff{}"],
  ])("gives a body %s", async (_kind, bytes, text) => {
    const { request } = await arrive(bytes);
    expect(await request.text()).toBe(text);
  });

  it("puts letters together that come in parts", async () => {
    const body = Buffer.from("é漢😀");
    const head = post("", `Content-Length: ${body.length}`);
    const { request, incoming, client } = await arrive(head);
    const text = request.text();
    for (let at = 0; at < body.length; at++) {
      await until(incoming, Buffer.byteLength(head) + at);
      client.write(body.subarray(at, at + 1));
    }
    expect(await text).toBe("é漢😀");
  });

  it("replaces what is no UTF-8, as the Web's does", async () => {
    const { request, client } = await arrive(post("", "Content-Length: 4"));
    const bytes = Buffer.from([0x61, 0xff, 0xc3, 0x62]);
    client.write(bytes);
    expect(await request.text()).toBe(await new Response(bytes).text());
  });

  it("takes a large body", async () => {
    const body = Array.from({ length: 250_000 }, (_, number) => `${number} höchst verschieden`).join("\n");
    const { request } = await arrive(post(body));
    expect((await request.text()) === body).toBe(true);
  });

  it.each([
    ["of known length", post("half", "Content-Length: 10")],
    ["in chunks", post("4\r\nhalf\r\n", chunked)],
  ])("rejects when the client leaves in the middle of a body %s", async (_kind, bytes) => {
    const { request, incoming, client } = await arrive(bytes);
    const text = request.text();
    await until(incoming, Buffer.byteLength(bytes));
    client.destroy();
    await expect(text).rejects.toThrow("aborted");
  });

  it("rejects when the chunks break the rules", async () => {
    const { request } = await arrive(post("4\r\nhalf\r\nwhole\r\n", chunked));
    await expect(request.text()).rejects.toThrow("aborted");
  });

  it.each([
    ["in the middle", post("half", "Content-Length: 10")],
    ["at the end", post("whole")],
  ])("rejects when the client left before anybody asked, %s of the body", async (_where, bytes) => {
    for (const read of ["text", "json"] as const) {
      const { request, response, client } = await arrive(bytes);
      client.destroy();
      await once(response, "close");
      await expect(request[read]()).rejects.toThrow("The client closed the connection.");
    }
  });

  it("gives a body once, as the Web's does", async () => {
    const { request } = await arrive(post("{}"));
    expect(request.bodyUsed).toBe(false);
    const text = request.text();
    expect(request.bodyUsed).toBe(true);
    await expect(request.text()).rejects.toThrow(unusable);
    await expect(request.json()).rejects.toThrow(unusable);
    expect(await text).toBe("{}");
    expect(request.bodyUsed).toBe(true);
    expect(() => request.clone()).toThrow();
  });
});

describe("other ways to the body are those of a real request", () => {
  it("json()", async () => {
    const { request } = await arrive(post('{"a":[1]}'));
    expect(await request.json()).toEqual({ a: [1] });
    expect(request.bodyUsed).toBe(true);
    await expect(request.text()).rejects.toThrow(unusable);
  });

  it("json() of what is none", async () => {
    const { request } = await arrive(post("{"));
    await expect(request.json()).rejects.toThrow(SyntaxError);
  });

  it("arrayBuffer() and clone()", async () => {
    const { request } = await arrive(post("bytes"));
    const copy = request.clone();
    expect(Buffer.from(await request.arrayBuffer()).toString()).toBe("bytes");
    expect(await copy.text()).toBe("bytes");
  });

  it("formData(), from a form of several parts", async () => {
    const part = (name: string, text: string) =>
      `--b\r\nContent-Disposition: form-data; ${name}\r\n\r\n${text}\r\n`;
    const body = `${part('name="model"', "whisper")}${part('name="file"; filename="a.wav"', "RIFF")}--b--\r\n`;
    const { request } = await arrive(post(body, "Content-Type: multipart/form-data; boundary=b"));
    const form = await request.formData();
    expect(form.get("model")).toBe("whisper");
    const file = form.get("file");
    expect(file).toBeInstanceOf(File);
    expect(file instanceof File && [file.name, await file.text()]).toEqual(["a.wav", "RIFF"]);
  });

  it("formData(), from a form in one line", async () => {
    const { request } = await arrive(post("a=1&b=%20", "Content-Type: application/x-www-form-urlencoded"));
    expect([...(await request.formData())]).toEqual([
      ["a", "1"],
      ["b", " "],
    ]);
  });

  it("body, piece by piece", async () => {
    const { request, client } = await arrive(post("5\r\nfirst\r\n", chunked));
    const reader = request.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("first");
    client.write("6\r\nsecond\r\n0\r\n\r\n");
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("second");
    expect((await reader?.read())?.done).toBe(true);
  });

  it("body, of a client that leaves in the middle", async () => {
    const { request, client } = await arrive(post("5\r\nfirst\r\n", chunked));
    const reader = request.body?.getReader();
    await reader?.read();
    client.destroy();
    await expect(reader?.read()).rejects.toThrow("aborted");
  });
});

describe("a body that its reader has enough of", () => {
  it.each([
    ["while more is to come", post("14\r\n01234567890123456789\r\n", chunked)],
    ["when all has come", post("14\r\n01234567890123456789\r\n0\r\n\r\n", chunked)],
  ])("leaves the connection to the answer, %s", async (_when, bytes) => {
    const { request, response, client } = await arrive(bytes);
    const reader = request.body?.getReader();
    await reader?.read();
    await reader?.cancel(new Error("too large"));
    const answer = received(client);
    response.writeHead(413).end("too large");
    expect(await answer).toMatch(/^HTTP\/1.1 413 .*too large/s);
    expect(request.signal.aborted).toBe(false);
  });
});
