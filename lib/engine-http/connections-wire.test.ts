import { describe, expect, it } from "vitest";
import { EngineConnections } from "./connections.ts";
import { answerOf, ask, connectionsTo, Recorder, startEngine } from "./test-support/engine.ts";

const options = { headers: [], keepAlive: true, connectTimeoutMs: 1_000 };

describe("a request on the wire", () => {
  it("has its target, the host, the connection's fate, the engine's headers and its length", async () => {
    const headers = ["authorization", "Bearer key", "content-type", "application/json"];
    const { asked, connections, url } = await startEngine(({ socket }) => socket.write(answerOf("")), {
      headers,
    });
    const answer = new Recorder();
    connections.post("/v1/chat/completions?a=b%20c", '{"a":1}', answer);
    await answer.done;
    expect(asked[0]?.head).toBe(
      [
        "POST /v1/chat/completions?a=b%20c HTTP/1.1",
        `host: 127.0.0.1:${url.port}`,
        "connection: keep-alive",
        "authorization: Bearer key",
        "content-type: application/json",
        "content-length: 7",
        "",
        "",
      ].join("\r\n"),
    );
    expect(asked[0]?.body.toString()).toBe('{"a":1}');
  });

  it.each([
    ["nothing", ""],
    ["plain letters", "hello"],
    ["letters of two, three and four bytes", "é漢😀"],
    ["half a pair, which no text should have", "a\ud83db"],
    ["line ends that look like framing", "\r\n\r\nPOST / HTTP/1.1\r\n\r\n"],
    [
      "bytes of every value below 256",
      String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code)),
    ],
  ])("counts bytes, with a body of %s", async (_what, body) => {
    const { asked, connections } = await startEngine(({ socket }) => socket.write(answerOf("")));
    await ask(connections, body).done;
    await ask(connections, "next").done;
    const bytes = Buffer.from(body);
    expect(asked[0]?.head).toContain(`\r\ncontent-length: ${bytes.length}\r\n`);
    expect(asked[0]?.body).toEqual(bytes);
    expect(asked[1]?.body.toString()).toBe("next");
  });

  it("comes whole to an engine that reads slowly", async () => {
    const { asked, connections, sockets } = await startEngine(({ socket }) =>
      socket.write(answerOf("got it")),
    );
    const body = Array.from({ length: 250_000 }, (_, number) => `${number} höchst verschieden`).join("\n");
    expect(Buffer.byteLength(body)).toBeGreaterThan(5_000_000);
    const answer = ask(connections, body);
    let pauses = 0;
    const slowDown = setInterval(() => {
      for (const socket of sockets) {
        socket.pause();
        pauses++;
        setImmediate(() => socket.resume());
      }
    }, 1);
    await answer.done;
    clearInterval(slowDown);
    expect(answer.calls).toEqual(["head 200", "data got it", "end"]);
    expect(asked[0]?.body.equals(Buffer.from(body))).toBe(true);
    expect(pauses).toBeGreaterThan(0);
  });
});

describe("EngineConnections", () => {
  it.each([
    ["a line end in a value", ["x-key", "a\r\nx-admin: 1"]],
    ["a line feed in a value", ["x-key", "a\nb"]],
    ["a carriage return in a value", ["x-key", "a\rb"]],
    ["a zero in a value", ["x-key", "a\0b"]],
    ["a letter that no header can have", ["x-key", "漢"]],
    ["a line end in a name", ["x\r\nx-admin", "1"]],
    ["a colon in a name", ["x-admin: 1\r\nx", "1"]],
    ["a blank in a name", ["x key", "1"]],
    ["an empty name", ["", "1"]],
    ["the second of two", ["x-fine", "1", "x-key", "a\nb"]],
  ])("refuses %s", (_what, headers) => {
    expect(() => new EngineConnections(new URL("http://127.0.0.1:1"), { ...options, headers })).toThrow(
      TypeError,
    );
  });

  it("takes an address of IPv6, which has brackets in a URL alone", async () => {
    const answer = ask(connectionsTo(new URL("http://[::1]:1")));
    await answer.done;
    expect(["ECONNREFUSED", "EADDRNOTAVAIL", "ENETUNREACH", "EAFNOSUPPORT"]).toContain(answer.error?.code);
  });

  it("goes to the usual port where none is named", async () => {
    for (const [protocol, port] of [
      ["http", 80],
      ["https", 443],
    ]) {
      const connections = connectionsTo(new URL(`${protocol}://127.255.255.254`), {
        connectTimeoutMs: 1_000,
      });
      const answer = ask(connections);
      await answer.done;
      expect(answer.error).toMatchObject({ code: "ECONNREFUSED", port });
    }
  });
});

describe("a form", () => {
  it("goes out in its pieces, with its own type instead of the usual one", async () => {
    const headers = ["authorization", "Bearer key", "content-type", "application/json"];
    const { asked, connections } = await startEngine(({ socket }) => socket.write(answerOf("")), { headers });
    const pieces = [Buffer.from("--x\r\n"), Buffer.from([0, 255, 13, 10]), Buffer.from("--x--")];
    const answer = new Recorder();
    connections.post("/", pieces, answer, "multipart/form-data; boundary=x");
    await answer.done;
    const types = asked[0]?.head.split("\r\n").filter((line) => /^content-/i.test(line));
    expect(types).toEqual(["content-type: multipart/form-data; boundary=x", "content-length: 14"]);
    expect(asked[0]?.body).toEqual(Buffer.concat(pieces));
  });

  it("is sent once more where a kept connection turns out to have been closed", async () => {
    let requests = 0;
    const { asked, connections } = await startEngine(({ socket }) => {
      requests++;
      if (requests === 2) socket.destroy();
      else socket.write(answerOf("ok"));
    });
    for (const body of ["first", "second"]) {
      const answer = new Recorder();
      connections.post("/", [Buffer.from(body), Buffer.from("!")], answer, "text/x");
      await answer.done;
    }
    expect(asked.map(({ body }) => body.toString())).toEqual(["first!", "second!", "second!"]);
  });
});
