import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ImageFetcher } from "../../server/images/image-fetcher.ts";
import { claimingWav, pngBase64, smallImages, wavBase64 } from "../../tests/fixtures/media.ts";
import type { ImagePart, MediaPart, RemoteImages } from "../media/types.ts";
import { provideRuntime, type Runtime } from "../runtime.ts";
import { Departure } from "./departure.ts";
import { prepareMedia } from "./prepare-media.ts";

const host = "127.0.0.1";
const png = Buffer.from(pngBase64(24, 16), "base64");

let answer: RequestListener;
const server = createServer((request, response) => answer(request, response));
let origin = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  origin = `http://images.example:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  answer = (_request, response) => response.end(png);
  allow({});
});
afterEach(() => {
  vi.useRealTimers();
});

const fetcher = new ImageFetcher(
  async () => [host],
  (address) => address === host,
);

/** A gateway whose operator set these limits, in an internet where every name is that of this test's server. */
function allow(limits: object, images: RemoteImages = fetcher): void {
  const current = {
    limits: { remote_images: true, image_pixels: 384, audio_mb: 1, body_mb: 1, ...limits },
  };
  provideRuntime({ config: { current }, images } as unknown as Runtime);
}

const image = (url: string): ImagePart => ({ type: "image_url", image_url: { url } });
const there = (path = "/") => image(origin + path);

function prepare(parts: MediaPart[], client = new AbortController()) {
  const departure = new Departure(new Request("http://localhost/", { signal: client.signal }));
  return prepareMedia(parts, () => parts.map((_, index) => `part[${index}]`), departure);
}

const refused = (param: string, message: string) =>
  expect.objectContaining({ status: 400, message: expect.stringContaining(message), options: { param } });

describe("what a request brings along", () => {
  it("costs no promise, and nothing at all where there are no media", () => {
    const paths = vi.fn();
    const departure = new Departure(new Request("http://localhost/"));
    expect(prepareMedia([], paths, departure)).toBeUndefined();
    expect(paths).not.toHaveBeenCalled();
    const sound: MediaPart = { type: "input_audio", input_audio: { data: wavBase64(), format: "wav" } };
    expect(prepare([image(`data:image/png;base64,${pngBase64()}`), sound])).toBeUndefined();
  });

  it("loses, in place, what a sound says of its own length", () => {
    const data = claimingWav(2).toString("base64");
    const sound: MediaPart = { type: "input_audio", input_audio: { data, format: "wav" } };
    expect(prepare([sound])).toBeUndefined();
    expect(sound.input_audio.data).toBe(wavBase64());
  });

  it("is refused at its place", () => {
    const text = image("data:image/png;base64,aGVsbG8=");
    expect(() => prepare([image(`data:image/png;base64,${pngBase64()}`), text])).toThrow(
      refused("part[1]", "no image"),
    );
  });
});

describe("images elsewhere", () => {
  it("become what they are, in their places", async () => {
    const files: Record<string, string> = {
      "/a": pngBase64(),
      "/b": smallImages.webp,
      "/c": smallImages.jpeg,
    };
    answer = ({ url = "" }, response) => response.end(Buffer.from(files[url] ?? "", "base64"));
    const parts = [there("/a"), there("/b"), image(`data:image/gif;base64,${smallImages.gif}`), there("/c")];
    await prepare(parts);
    expect(parts.map((part) => part.image_url.url)).toEqual([
      `data:image/png;base64,${files["/a"]}`,
      `data:image/webp;base64,${files["/b"]}`,
      `data:image/gif;base64,${smallImages.gif}`,
      `data:image/jpeg;base64,${files["/c"]}`,
    ]);
  });

  it("are not asked for where the operator does not allow it, or where another part is refused", () => {
    const asked = vi.fn();
    answer = asked;
    allow({ remote_images: false });
    expect(() => prepare([there()])).toThrow(refused("part[0]", "operator does not allow"));
    allow({});
    expect(() => prepare([there(), image("data:image/png;base64,AAAA")])).toThrow(
      refused("part[1]", "no image"),
    );
    expect(asked).not.toHaveBeenCalled();
  });

  it("are fetched four at a time", async () => {
    let underWay = 0;
    let most = 0;
    allow(
      {},
      {
        async fetch() {
          most = Math.max(most, ++underWay);
          await nextTurn();
          underWay--;
          return { bytes: png };
        },
      },
    );
    await prepare(Array.from({ length: 32 }, () => there()));
    expect(most).toBe(4);
  });

  it.each<[string, RequestListener, string]>([
    [
      "have too many pixels",
      (_, response) => response.end(Buffer.from(pngBase64(25, 16), "base64")),
      "25 x 16 pixels",
    ],
    [
      "are a page",
      (_, response) => response.writeHead(200, { "content-type": "image/png" }).end("<html>"),
      "no image",
    ],
    ["are not there", (_, response) => response.writeHead(404).end(), "status 404"],
    [
      "are too large together",
      ({ url }, response) => response.end(url === "/1" ? png : Buffer.concat([png, Buffer.alloc(2 ** 19)])),
      "larger than a request may be",
    ],
  ])("are refused where they %s", async (_what, answering, message) => {
    answer = answering;
    await expect(prepare([there("/1"), there("/2"), there("/2")])).rejects.toEqual(
      expect.objectContaining({ status: 400, message: expect.stringContaining(message) }),
    );
  });

  it("are given up when one of them fails, when the client leaves, and after ten seconds in all", async () => {
    let closed = 0;
    answer = ({ url }, response) => {
      response.once("close", () => closed++);
      if (url === "/fails") response.writeHead(404).end();
      else response.writeHead(200).write("a");
    };
    await expect(prepare([there(), there("/fails")])).rejects.toEqual(refused("part[1]", "404"));
    await vi.waitFor(() => expect(closed).toBe(2));

    const client = new AbortController();
    const left = prepare([there()], client);
    await vi.waitFor(() => server.getConnections((_error, count) => count > 0));
    client.abort();
    await expect(left).rejects.toMatchObject({ code: "client_closed" });
    await expect(prepare([there()], client)).rejects.toMatchObject({ code: "client_closed" });

    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const slow = prepare([there()]);
    vi.advanceTimersByTime(9_999);
    vi.advanceTimersByTime(1);
    await expect(slow).rejects.toEqual(refused("part[0]", "within 10 s"));
  });
});
