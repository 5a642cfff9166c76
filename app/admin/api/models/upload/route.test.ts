import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { uploadedModelReply } from "@/lib/admin/schemas/model-files.ts";
import { type ModelFilesRig, openModelFiles } from "@/lib/admin/testing/model-files.ts";
import { adminKey } from "@/lib/admin/testing/services.ts";
import { whisperFile } from "@/lib/models/testing/whisper-file.ts";
import { tinyModels } from "@/tests/fixtures/index.ts";
import { GgufFile } from "@/tests/fixtures/models/gguf-file.ts";
import { POST } from "./route.ts";

const tiny = await tinyModels();
const model = await readFile(tiny.text);
let rig: ModelFilesRig;

beforeAll(async () => {
  rig = await openModelFiles();
});
afterAll(() => rig.services.close());
beforeEach(async () => {
  await rm(rig.modelsDir, { recursive: true, force: true });
  await mkdir(rig.modelsDir);
});

interface Upload {
  name: string;
  body?: ReadableStream<Uint8Array> | Uint8Array | null;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** As Next hands an upload to the route: the length stands in the headers, and the body is a stream. */
async function upload({ name, body = model, headers, signal }: Upload) {
  const length = body instanceof Uint8Array ? body.length : 0;
  const request = new Request(`http://localhost/admin/api/models/upload?name=${encodeURIComponent(name)}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${adminKey}`,
      "content-type": "application/octet-stream",
      "content-length": String(length),
      ...headers,
    },
    body: body instanceof Uint8Array ? Uint8Array.from(body) : body,
    signal,
    // Node's fetch wants it for a stream; its types do not know it.
    ...({ duplex: "half" } as object),
  });
  const response = await POST(request, { params: Promise.resolve({}) });
  const json = (await response.json()) as { error?: { message: string } } & Record<string, unknown>;
  return { status: response.status, json, message: json.error?.message ?? "" };
}

describe("POST models/upload", () => {
  it("201: the file is there, with its facts", async () => {
    const { status, json } = await upload({ name: "sent.gguf" });
    expect(status).toBe(201);
    expect(uploadedModelReply.strict().safeParse(json).error).toBeUndefined();
    expect(json).toMatchObject({ path: "sent.gguf", model: { name: "sent", architecture: "llama" } });
    expect(await rig.files()).toEqual(["sent.gguf"]);
    expect(await readFile(path.join(rig.modelsDir, "sent.gguf"))).toEqual(model);
    const rows = rig.services.inspect("SELECT target FROM audit_log WHERE action = 'model.upload'");
    expect(rows).toEqual([{ target: "model:sent.gguf" }]);
  });

  it("201: for a projector, which is no model, and for a Whisper file", async () => {
    const projector = await readFile(tiny.mmprojVision);
    expect(await upload({ name: "mmproj-x.gguf", body: projector })).toMatchObject({ json: { model: null } });
    const whisper = await upload({ name: "ggml-tiny.en.bin", body: whisperFile() });
    expect(whisper.json).toMatchObject({ model: { engine: "whisper", detected_type: "audio" } });
  });

  it("400: without a length, and with another one than comes", async () => {
    expect((await upload({ name: "a.gguf", headers: { "content-length": "" } })).message).toMatch(
      /Content-Length/,
    );
    const fewer = await upload({ name: "a.gguf", headers: { "content-length": String(model.length + 1) } });
    expect(fewer).toMatchObject({ status: 400, message: expect.stringMatching(/and \d+ came/) });
    const more = await upload({ name: "a.gguf", headers: { "content-length": "1000" } });
    expect(more).toMatchObject({ status: 400, message: expect.stringMatching(/and more than 1000 came/) });
    expect(await rig.files()).toEqual([]);
  });

  it("409: the name is there, also as a link that leads nowhere", async () => {
    await writeFile(path.join(rig.modelsDir, "a.gguf"), "first");
    await symlink("/nowhere/b.gguf", path.join(rig.modelsDir, "b.gguf"));
    for (const name of ["a.gguf", "b.gguf"]) expect((await upload({ name })).status).toBe(409);
    expect(await readFile(path.join(rig.modelsDir, "a.gguf"), "utf8")).toBe("first");
    expect(await rig.files()).toEqual(["a.gguf", "b.gguf"]);
  });

  it("409: it came by another way while it was being sent", async () => {
    const { status } = await upload({
      name: "a.gguf",
      headers: { "content-length": String(model.length) },
      body: new ReadableStream(
        {
          async pull(controller) {
            await writeFile(path.join(rig.modelsDir, "a.gguf"), "the other");
            controller.enqueue(model);
            controller.close();
          },
        },
        // Not before it is read from.
        { highWaterMark: 0 },
      ),
    });
    expect(status).toBe(409);
    expect(await readFile(path.join(rig.modelsDir, "a.gguf"), "utf8")).toBe("the other");
    expect(await rig.files()).toEqual(["a.gguf"]);
  });

  it("409: while the same is being sent; what a killed gateway left is no hindrance", async () => {
    const part = path.join(rig.modelsDir, "a.gguf.upload.part");
    await writeFile(part, "half");
    expect(await upload({ name: "a.gguf" })).toMatchObject({
      status: 409,
      message: "'a.gguf' is being uploaded already.",
    });
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(part, longAgo, longAgo);
    expect((await upload({ name: "a.gguf" })).status).toBe(201);
    expect(await rig.files()).toEqual(["a.gguf"]);
  });

  it("409: the disk has no room for it", async () => {
    const refused = await upload({ name: "a.gguf", headers: { "content-length": "900000000000000" } });
    expect(refused).toMatchObject({ status: 409, message: expect.stringMatching(/Delete a model first/) });
    expect(await rig.files()).toEqual([]);
  });

  it("415: another media type", async () => {
    expect((await upload({ name: "a.gguf", headers: { "content-type": "application/json" } })).status).toBe(
      415,
    );
  });

  it("422: no model, or one that is damaged", async () => {
    const page = await upload({ name: "a.gguf", body: Buffer.from("<html>Sign in</html>") });
    expect(page).toMatchObject({ status: 422, message: expect.stringMatching(/it is a web page/) });
    const cut = await upload({ name: "a.gguf", body: model.subarray(0, model.length - 100) });
    expect(cut).toMatchObject({ status: 422, message: expect.stringMatching(/it is cut short/) });
    expect((await upload({ name: "a.gguf", body: null })).message).toMatch(/it is empty/);
    expect(await rig.files()).toEqual([]);
  });

  it("499: leaves nothing when the client leaves; until then its room is promised", async () => {
    const { uploads } = rig.services;
    const promised: number[] = [];
    const leaving = new AbortController();
    let pieces = 0;
    const body = new ReadableStream({
      async pull(controller) {
        promised.push(uploads.missingBytes);
        controller.enqueue(new Uint8Array(65_536));
        if (++pieces === 10) leaving.abort();
      },
    });
    const { signal } = leaving;
    const { status } = await upload({
      name: "a.gguf",
      headers: { "content-length": "100000000" },
      body,
      signal,
    });
    expect(status).toBe(499);
    expect(await rig.files()).toEqual([]);
    expect(promised.at(-1)).toBeLessThan(100_000_000);
    expect(promised.at(-1)).toBeGreaterThan(99_000_000);
    expect(uploads.missingBytes).toBe(0);
  });

  it("499: leaves nothing when the connection breaks", async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(65_536));
        controller.error(new Error("aborted"));
      },
    });
    const { status } = await upload({ name: "a.gguf", headers: { "content-length": "100000000" }, body });
    expect(status).toBe(499);
    expect(await rig.files()).toEqual([]);
  });
});

describe("two hundred megabytes", () => {
  it("go through without being held", async () => {
    const rows = 1_600;
    const file = new GgufFile("llama", "large", 1);
    file.half("token_embd.weight", [rows, 65_536], new Float64Array(16));
    const start = file.bytes();
    // Its header promises so many weights, of which the first 32 bytes are there.
    const sizeBytes = start.length - 32 + rows * 65_536 * 2;
    const part = path.join(rig.modelsDir, "large.gguf.upload.part");
    const heldBefore = process.memoryUsage().arrayBuffers;
    let [sent, mostAhead, mostHeld] = [0, 0, 0];
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (sent % (16 << 20) < 65_536) {
          const { size } = await stat(part).catch(() => ({ size: 0 }));
          mostAhead = Math.max(mostAhead, sent - size);
          mostHeld = Math.max(mostHeld, process.memoryUsage().arrayBuffers - heldBefore);
        }
        const piece = sent === 0 ? start : new Uint8Array(Math.min(65_536, sizeBytes - sent));
        sent += piece.length;
        controller.enqueue(piece);
        if (sent === sizeBytes) controller.close();
      },
    });
    const { status } = await upload({
      name: "large.gguf",
      headers: { "content-length": String(sizeBytes) },
      body,
    });
    expect(status).toBe(201);
    expect((await stat(path.join(rig.modelsDir, "large.gguf"))).size).toBe(sizeBytes);
    // No more is taken than is written down, but for the pieces under way.
    expect(mostAhead).toBeLessThan(1 << 20);
    expect(mostHeld).toBeLessThan(100 << 20);
  }, 60_000);
});

describe("a name to upload to", () => {
  it.each([
    "../a.gguf",
    "sub/a.gguf",
    "sub\\a.gguf",
    ".hidden.gguf",
    "a.gguf\0",
    "a\n.gguf",
    "C:a.gguf",
    "nul.gguf",
    "a.txt",
    "a.gguf.part",
    "config.json",
    `${"ü".repeat(120)}.gguf`,
    "",
  ])("400: %j", async (name) => {
    expect((await upload({ name })).status).toBe(400);
    expect(await rig.files()).toEqual([]);
  });

  it("never leads out of the models folder, whatever it is made of", async () => {
    const dataDir = path.dirname(rig.modelsDir);
    const before = await snapshotOf(dataDir);
    const part = fc.constantFrom(
      "..",
      ".",
      "/",
      "\\",
      "a",
      "%2f",
      "%2e",
      "\0",
      ".gguf",
      "ggml-",
      ".bin",
      "ü",
      ":",
    );
    const name = fc.oneof(
      fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => `${parts.join("")}.gguf`),
      fc.string({ minLength: 1, maxLength: 30 }).map((text) => `${text}.gguf`),
    );
    await fc.assert(
      fc.asyncProperty(name, async (given) => {
        const { status, json } = await upload({ name: given });
        expect([201, 400, 422]).toContain(status);
        const expected = status === 201 ? [String(json.path)] : [];
        expect(await rig.files()).toEqual(expected);
        expect(await snapshotOf(dataDir)).toEqual(before);
        for (const file of expected) await rm(path.join(rig.modelsDir, file));
      }),
      { numRuns: 150 },
    );
  });
});

/** What stands beside the models folder, but for the database and what the catalogue keeps. */
async function snapshotOf(dataDir: string): Promise<string[]> {
  return (await readdir(dataDir)).filter((name) => !/\.db|facts\.json/.test(name)).sort();
}
