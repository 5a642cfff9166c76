import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { responseOf } from "../../lib/gateway/node-response.ts";
import { laneServer, post } from "./testing/lane-server.ts";
import { closed, received } from "./testing/raw-socket.ts";

const arrive = laneServer();

describe("a request of the lane", () => {
  it("has its method, and its target behind an origin that no client can choose", async () => {
    const target = "/v1/a%20b/../c?x=%C3%A9&y=//";
    const { request } = await arrive(`PATCH ${target} HTTP/1.1\r\nHost: evil.example\r\n\r\n`);
    expect(request.method).toBe("PATCH");
    expect(request.url).toBe(`http://localhost${target}`);
  });

  it("passes for what it stands for", async () => {
    const { request, response } = await arrive(post("{}"));
    expect(request).toBeInstanceOf(Request);
    expect(request.headers).toBeInstanceOf(Headers);
    expect(Object.prototype.toString.call(request)).toBe("[object Request]");
    expect(responseOf(request)).toBe(response);
  });

  it("answers what nobody usually asks for as a real one", async () => {
    const { request } = await arrive(post("{}"));
    const real = new Request("http://localhost/v1/x", { method: "POST" });
    for (const name of ["mode", "cache", "redirect", "referrer", "integrity", "keepalive"] as const)
      expect(request[name]).toBe(real[name]);
  });
});

describe("its headers", () => {
  const lines = [
    "X-One: 1",
    "x-two: a",
    "X-Two: b",
    "Authorization: Bearer first",
    "authorization: Bearer second",
  ];

  it("are found by any spelling", async () => {
    const { request } = await arrive(post("", ...lines));
    expect(request.headers.get("x-one")).toBe("1");
    expect(request.headers.get("X-ONE")).toBe("1");
    expect(request.headers.get("x-three")).toBeNull();
    expect([request.headers.has("X-One"), request.headers.has("x-three")]).toEqual([true, false]);
  });

  it.each(["constructor", "toString", "hasOwnProperty", "__proto__"])(
    "are not what objects inherit: %s",
    async (name) => {
      const { request } = await arrive(post(""));
      expect(request.headers.get(name)).toBeNull();
    },
  );

  it("that come twice are joined, but of two keys the first counts", async () => {
    const { request } = await arrive(post("", ...lines, "Cookie: a=1", "Cookie: b=2"));
    expect(request.headers.get("x-two")).toBe("a, b");
    expect(request.headers.get("authorization")).toBe("Bearer first");
    expect(request.headers.get("cookie")).toBe("a=1; b=2");
  });

  it("of several cookies to set stay apart", async () => {
    const { request } = await arrive(post("", "Set-Cookie: a=1", "Set-Cookie: b=2"));
    expect(request.headers.get("set-cookie")).toBe("a=1, b=2");
    expect(request.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  it("can be gone through", async () => {
    const { request } = await arrive(post("", ...lines));
    const expected = [
      ["authorization", "Bearer first"],
      ["content-length", "0"],
      ["host", "x"],
      ["x-one", "1"],
      ["x-two", "a, b"],
    ];
    expect([...request.headers]).toEqual(expected);
    expect([...request.headers.entries()]).toEqual(expected);
    expect([...request.headers.keys()]).toEqual(expected.map(([name]) => name));
    const walked: string[][] = [];
    request.headers.forEach((value, name) => void walked.push([name, value]));
    expect(walked).toEqual(expected);
    expect([...new Headers(request.headers)]).toEqual(expected);
  });

  it("may have any letter of Latin-1", async () => {
    const { request, client } = await arrive(post("", "X-Name: Zo\u00eb")); // Sent in two bytes.
    expect(request.headers.get("x-name")).toBe("Zo\u00c3\u00ab");
    expect([...request.headers].at(-1)).toEqual(["x-name", "Zo\u00c3\u00ab"]);
    client.destroy();
  });
});

describe("its signal", () => {
  it("is aborted when the client leaves", async () => {
    const { request, client } = await arrive(post("{}"));
    const { signal } = request;
    expect(signal.aborted).toBe(false);
    client.destroy();
    await once(signal, "abort");
    expect(request.signal).toBe(signal);
  });

  it("is aborted where the client had left before anybody asked", async () => {
    const { request, response, client } = await arrive(post("{}"));
    client.destroy();
    await once(response, "close");
    expect(request.signal.aborted).toBe(true);
  });

  it("is aborted when the client leaves in the middle of its answer", async () => {
    const { request, response, client } = await arrive(post("{}"));
    const { signal } = request;
    response.write("first");
    await once(client, "data");
    client.destroy();
    await once(signal, "abort");
  });

  it.each([
    ["asked for before", true],
    ["asked for later", false],
  ])("is not aborted once the answer is sent: %s", async (_when, isEarly) => {
    const { request, response, client } = await arrive(post("{}"));
    const early = isEarly ? request.signal : null;
    response.end("whole");
    await once(response, "close");
    client.destroy();
    await closed(response.req.socket);
    expect((early ?? request.signal).aborted).toBe(false);
  });

  it("reaches what a real request, made from it, is handed on to", async () => {
    const { request, client } = await arrive(post("{}"));
    const { signal } = request.clone();
    client.destroy();
    await once(signal, "abort");
  });
});

describe("a request without a body", () => {
  it.each(["GET", "HEAD"])("is one of %s", async (method) => {
    const { request, response, client } = await arrive(`${method} /v1 HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await request.text()).toBe("");
    expect(request.bodyUsed).toBe(false);
    expect(request.body).toBeNull();
    const answer = received(client);
    response.writeHead(204, { connection: "close" }).end();
    expect(await answer).toContain("204 No Content");
  });

  it("is one of GET even where a body was sent", async () => {
    const { request } = await arrive("GET /v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
    expect(await request.text()).toBe("");
    expect(request.body).toBeNull();
  });
});
