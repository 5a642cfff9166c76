/** Over real connections: 127.0.0.1 plays a public address, 127.0.0.2 one of the operator's network. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FetchedImage } from "../../lib/media/types.ts";
import { ImageFetcher } from "./image-fetcher.ts";

const publicHost = "127.0.0.1";
const privateHost = "127.0.0.2";
const image = Buffer.from("an image, perhaps");

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let answer: Answer;
const asked: IncomingMessage[] = [];
let canaryHits = 0;
const publicServer = createServer((request, response) => {
  asked.push(request);
  answer(request, response);
});
const canary = createServer((_request, response) => {
  canaryHits++;
  response.end(image);
});
let port = 0;

const listen = (server: typeof canary, host: string, wanted: number) =>
  new Promise<void>((resolve) => server.listen(wanted, host, resolve));

beforeAll(async () => {
  await listen(publicServer, publicHost, 0);
  ({ port } = publicServer.address() as AddressInfo);
  await listen(canary, privateHost, port);
});
afterAll(() => {
  publicServer.closeAllConnections();
  publicServer.close();
  canary.close();
});
beforeEach(() => {
  asked.length = 0;
  canaryHits = 0;
  answer = (_request, response) => response.end(image);
});

/** What each name stands for at the first, second, … question. */
function fetcherWith(names: Record<string, string[][]>) {
  const questions: string[] = [];
  const resolve = async (host: string) => {
    questions.push(host);
    return names[host]?.shift() ?? [];
  };
  return { fetcher: new ImageFetcher(resolve, (address) => address === publicHost), questions };
}

const isPublic = { "images.example": [[publicHost], [publicHost], [publicHost], [publicHost], [publicHost]] };
const fetched = (
  url: string,
  { fetcher } = fetcherWith(structuredClone(isPublic)),
  leftBytes = 1_000,
  signal = new AbortController().signal,
): Promise<FetchedImage> => fetcher.fetch(url, { leftBytes }, signal);
const at = (path: string, host = "images.example") => `http://${host}:${port}${path}`;
const redirect =
  (location: string, status = 302): Answer =>
  (_request, response) =>
    response.writeHead(status, { location }).end();

describe("an image at a public address", () => {
  it("is fetched as it is, with nothing that tells of anybody", async () => {
    expect(await fetched(at("/a%20b.png?c=d"))).toEqual({ bytes: image });
    const [request] = asked;
    expect(request?.url).toBe("/a%20b.png?c=d");
    expect(request?.headers).toEqual({
      host: `images.example:${port}`,
      connection: "keep-alive",
      accept: expect.stringContaining("image/png"),
      "accept-encoding": "identity",
      "user-agent": "llm-gateway",
    });
  });

  it("may be named by its address", async () => {
    expect(await fetched(at("/", publicHost))).toEqual({ bytes: image });
  });

  it("may be three steps away, and no cookie goes along", async () => {
    answer = (request, response) => {
      const step = Number(request.url?.slice(1));
      if (step === 3) response.end(image);
      else response.writeHead(307, { location: `/${step + 1}`, "set-cookie": "a=b" }).end("moved");
    };
    expect(await fetched(at("/0"))).toEqual({ bytes: image });
    expect(asked.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each<[string, Answer, string]>([
    ["leads on for ever", redirect("/again"), "leads on more than 3 times"],
    ["is not there", (_, response) => response.writeHead(404).end("secret"), "answers with status 404"],
    ["leads nowhere", (_, response) => response.writeHead(302).end(), "answers with status 302"],
    ["is too large", (_, response) => response.end(Buffer.alloc(1_001)), "larger than a request may be"],
    [
      "breaks off",
      (_, response) => response.writeHead(200, { "content-length": 9 }).write("a", () => response.destroy()),
      "does not answer",
    ],
    ["is no HTTP", (_, response) => void response.socket?.end("hello\r\n\r\n"), "does not answer"],
    [
      "is compressed",
      (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(image),
      "compressed",
    ],
    [
      "has endless headers",
      (_, response) => response.writeHead(200, { a: "b".repeat(20_000) }).end(),
      "does not answer",
    ],
  ])("that %s is no image", async (_what, answering, fault) => {
    answer = answering;
    expect(await fetched(at("/"))).toEqual({ fault: expect.stringContaining(fault) });
  });

  it("is not read to its end where it is endless", async () => {
    let sentBytes = 0;
    const closed = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        response.once("close", resolve);
        const more = () => {
          sentBytes += 65_536;
          if (!response.destroyed) response.write(Buffer.alloc(65_536), more);
        };
        more();
      };
    });
    expect(await fetched(at("/"))).toEqual({ fault: expect.stringContaining("larger") });
    await closed;
    expect(sentBytes).toBeLessThan(64 * 1024 * 1024);
  });

  it("shares what may be read with the others of its request", async () => {
    const budget = { leftBytes: image.length * 2 - 1 };
    const { fetcher } = fetcherWith(structuredClone(isPublic));
    const { signal } = new AbortController();
    expect(await fetcher.fetch(at("/"), budget, signal)).toEqual({ bytes: image });
    expect(await fetcher.fetch(at("/"), budget, signal)).toEqual({ fault: expect.any(String) });
  });

  it("is given up at once when nobody waits for it any more", async () => {
    const client = new AbortController();
    const closed = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        response.once("close", resolve);
        response.writeHead(200).write("a");
        client.abort(new Error("gone"));
      };
    });
    await expect(fetched(at("/"), undefined, 1_000, client.signal)).rejects.toThrow("gone");
    await closed;
  });
});

describe.skipIf(process.platform !== "linux")(
  "a canary on an address that is not public is never asked",
  () => {
    const tricks = () => [
      at("/", privateHost),
      at("/", "[::ffff:127.0.0.2]"),
      at("/", "2130706434"),
      at("/", "0x7f000002"),
      at("/", "0x7f.2"),
      at("/", "0177.0.0.2"),
      at("/", "127.2"),
      at("/", "127.0.0.2."),
      at("/", "①②⑦.⓪.⓪.②"),
      at("/", "127。0。0。2"),
      at("/", "%31%32%37.0.0.2"),
      at("/", "private.example"),
      at("/", "PRIVATE.example"),
      at("/", "both.example"),
      at("/", "nowhere.example"),
      `http://images.example@${privateHost}:${port}/`,
      `http://${privateHost}:${port}\\@images.example/`,
      `http:\\\\${privateHost}:${port}/`,
      `http:/${privateHost}:${port}/`,
      ` http://${privateHost}:${port}/`,
      `ht\ntp://127.0.\t0.2:${port}/`,
      `ftp://${privateHost}:${port}/`,
      `file://${privateHost}/etc/passwd`,
      `//${privateHost}:${port}/`,
      `http://user@images.example:${port}/`,
      "http://",
      "http://[::1",
      "",
    ];
    const names = () => ({
      ...structuredClone(isPublic),
      "private.example": [[privateHost], [privateHost]],
      "both.example": [
        [publicHost, privateHost],
        [publicHost, privateHost],
      ],
    });

    it("by any way to write it", async () => {
      for (const url of tricks()) {
        expect(await fetched(url, fetcherWith(names())), url).toEqual({ fault: expect.any(String) });
        expect(asked.length, url).toBe(0);
      }
      expect(canaryHits).toBe(0);
    });

    it("nor by a redirect to any of them", async () => {
      for (const url of tricks().filter((trick) => trick !== "" && !/[^\x20-\x7e]/.test(trick))) {
        answer = redirect(url);
        expect(await fetched(at("/"), fetcherWith(names())), url).toEqual({ fault: expect.any(String) });
      }
      expect(canaryHits).toBe(0);
    });

    it("nor by a name that changes what it stands for", async () => {
      const { fetcher, questions } = fetcherWith({ "rebinding.example": [[publicHost], [privateHost]] });
      expect(await fetched(at("/", "rebinding.example"), { fetcher, questions })).toEqual({ bytes: image });
      expect(questions).toEqual(["rebinding.example"]);
      answer = redirect("/again");
      const again = fetcherWith({ "rebinding.example": [[publicHost], [privateHost]] });
      expect(await fetched(at("/", "rebinding.example"), again)).toEqual({
        fault: "is not at a public address",
      });
      expect(canaryHits).toBe(0);
    });

    it("and what is refused tells nothing of what is there", async () => {
      const faults = await Promise.all(
        [
          at("/", privateHost),
          at("/", "private.example"),
          at("/", "nowhere.example"),
          "http://127.0.0.3:9/",
        ].map((url) => fetched(url, fetcherWith(names()))),
      );
      expect(new Set(faults.map((fault) => JSON.stringify(fault))).size).toBe(1);
    });
  },
);

it("knows no name of this machine by itself", async () => {
  const { signal } = new AbortController();
  for (const host of ["localhost", "localhost.", "a.localhost", "127.0.0.1", "[::1]"])
    expect(await new ImageFetcher().fetch(at("/", host), { leftBytes: 1_000 }, signal), host).toEqual({
      fault: "is not at a public address",
    });
  expect(asked.length).toBe(0);
}, 15_000);
