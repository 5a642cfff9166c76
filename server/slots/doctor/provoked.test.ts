/** Each cause is provoked with the real llama-server: no text that it prints is written down here. */
import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readEnvironment } from "../../../lib/env.ts";
import { llamaServerPath, smolModel, type TinyModels, tinyModels } from "../../../tests/fixtures/index.ts";
import { findLlamaServer } from "../engines/llama-binary.ts";
import { type Provocation, provoke } from "../test-support/provoked.ts";
import { diagnose } from "./diagnose.ts";
import type { Diagnosis } from "./facts.ts";

let folder: string;
let tiny: TinyModels;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "doctor-"));
  tiny = await tinyModels();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function diagnosed(provocation: Provocation): Promise<Diagnosis> {
  return diagnose(await provoke(folder, provocation));
}

const model = (file: string, ...more: string[]) => ["--model", file, "--ctx-size", "512", ...more];

/** A copy of a model in which some bytes are others. */
async function altered(file: string, change: (bytes: Buffer) => void): Promise<string> {
  const bytes = await readFile(file);
  change(bytes);
  const changed = path.join(folder, "altered.gguf");
  await writeFile(changed, bytes);
  return changed;
}

async function cut(file: string, bytes: number): Promise<string> {
  const shorter = path.join(folder, "cut.gguf");
  await copyFile(file, shorter);
  await truncate(shorter, bytes);
  return shorter;
}

/** Writes another text of the same length over the first one found. */
function overwrite(bytes: Buffer, text: string, other: string, after = ""): void {
  const from = after === "" ? 0 : bytes.indexOf(after) + after.length;
  const at = bytes.indexOf(text, from);
  if (at < 0 || text.length !== other.length) throw new Error(`'${text}' cannot be overwritten.`);
  bytes.write(other, at, "latin1");
}

it.each<[cause: string, says: RegExp, at: (bytes: Buffer) => void]>([
  ["unknown_architecture", /'zlama'/, (bytes) => overwrite(bytes, "llama", "zlama", "general.architecture")],
  ["unknown_format", /version 99/, (bytes) => void bytes.writeUInt32LE(99, 4)],
  ["unknown_format", /'zlama'/, (bytes) => overwrite(bytes, "llama", "zlama", "tokenizer.ggml.model")],
  ["not_a_gguf", /begins with 'text'/, (bytes) => overwrite(bytes, "GGUF", "text")],
  [
    "broken_file",
    /blk.1.ffn_up.weight' not found/,
    (bytes) => overwrite(bytes, "blk.1.ffn_up", "blk.1.ffn_ux"),
  ],
  ["broken_file", /llama.block_count/, (bytes) => overwrite(bytes, "llama.block_count", "llama.block_cound")],
  ["broken_file", /wrong shape; expected/, widenFeedForward],
  [
    "bad_template",
    /Unknown statement: endof/,
    (bytes) => overwrite(bytes, "endif", "endof", "tokenizer.chat_template"),
  ],
])("%s: an altered file (%s)", async (cause, says, change) => {
  const file = await altered(tiny.text, change);
  const found = await diagnosed({ args: model(file, "--jinja") });
  expect(found).toMatchObject({ cause, message: expect.stringMatching(says) });
});

function widenFeedForward(bytes: Buffer): void {
  const key = "llama.feed_forward_length";
  bytes.writeUInt32LE(256, bytes.indexOf(key) + key.length + 4);
}

it.each([
  [200_000, /'blk.*' data is not within the file bounds/],
  [2_000, /failed to read key-value pairs/],
  [3, /failed to read magic/],
  [0, /failed to read magic/],
])("broken_file: one that ends after %i bytes", async (bytes, says) => {
  const found = await diagnosed({ args: model(await cut(tiny.text, bytes)) });
  expect(found).toMatchObject({ cause: "broken_file", message: expect.stringMatching(says) });
  expect(found.nextStep?.action).toBe("download");
});

it("missing_file, not_a_model", async () => {
  const missing = path.join(folder, "nowhere.gguf");
  const found = await diagnosed({ args: model(missing) });
  expect(found.cause).toBe("missing_file");
  expect(found.message).toBe(`The model file ${missing} cannot be opened: No such file or directory.`);
  expect(await diagnosed({ args: model(tiny.mmprojVision) })).toMatchObject({ cause: "not_a_model" });
});

it("a projector that is missing, cut, none at all, or another model's", async () => {
  const missing = await diagnosed({ args: model(tiny.text, "--mmproj", path.join(folder, "nowhere.gguf")) });
  expect(missing).toMatchObject({
    cause: "missing_projector",
    message: expect.stringMatching(/No such file/),
  });
  for (const file of [await cut(tiny.mmprojVision, 50_000), tiny.embed])
    expect(await diagnosed({ args: model(tiny.text, "--mmproj", file) })).toMatchObject({
      cause: "broken_projector",
      message: expect.stringContaining(file),
    });
  const wrong = await diagnosed({
    args: model(await smolModel(), "--no-warmup", "--mmproj", tiny.mmprojVision),
  });
  expect(wrong).toMatchObject({
    cause: "wrong_projector",
    message: expect.stringMatching(/of 64 .* takes 576/),
  });
});

it("broken_draft_model", async () => {
  const found = await diagnosed({
    args: model(tiny.text, "--model-draft", path.join(folder, "nowhere.gguf")),
  });
  expect(found).toMatchObject({
    cause: "broken_draft_model",
    message: expect.stringContaining("nowhere.gguf"),
  });
});

it.each([
  [["--no-such-flag"], /no option --no-such-flag/],
  [["--batch-size", "many"], /value of --batch-size: not a number/],
  [["--cache-type-k", "q9_9"], /value of --cache-type-k: Unsupported cache type: q9_9/],
  [["--pooling", "sideways"], /value of --pooling: invalid value/],
  [["--chat-template-file", "/nowhere"], /--chat-template-file: failed to open file '\/nowhere'/],
])("bad_option: %j", async (args, says) => {
  const found = await diagnosed({ args: model(tiny.text, ...args) });
  expect(found).toMatchObject({ cause: "bad_option", message: expect.stringMatching(says) });
});

it("cache_type: heads that do not fill a block, or no flash attention", async () => {
  const heads = await diagnosed({
    args: model(tiny.text, "--flash-attn", "on", "--cache-type-k", "q8_0", "--cache-type-v", "q8_0"),
  });
  expect(heads).toMatchObject({ cause: "cache_type", message: expect.stringMatching(/q8_0.* 32, .* 16\.$/) });
  const plain = await diagnosed({
    args: model(tiny.text, "--flash-attn", "off", "--cache-type-v", "q8_0"),
    settings: { cacheTypeK: "q8_0" },
  });
  expect(plain).toMatchObject({
    cause: "cache_type",
    message: expect.stringMatching(/without flash attention/),
  });
});

it("port_taken: at the last moment", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" && address ? String(address.port) : "";
  const found = await diagnosed({ args: model(tiny.text, "--port", port) });
  other.close();
  expect(found).toMatchObject({ cause: "port_taken", message: expect.stringContaining(port) });
});

it("out_of_memory: for the context, which half of it may fit", async () => {
  const found = await diagnosed({
    args: ["--model", tiny.text, "--ctx-size", "4000000", "--cache-type-k", "f32", "--cache-type-v", "f32"],
    memoryBytes: 1e9,
    settings: { ctxSize: 8_000, parallel: 500, serves: "text", batchSize: 512 },
  });
  expect(found).toMatchObject({
    cause: "out_of_memory",
    nextStep: { action: "load", change: { ctx_size: 4_000 } },
  });
  expect(found.message).toMatch(
    /could not get 1953 MB \(CPU\) for the context \(8000 tokens for each of 500/,
  );
});

it("out_of_memory: for the weights, which no shorter context makes smaller", async () => {
  const { options } = await findLlamaServer(readEnvironment(process.env), await llamaServerPath());
  const whole = options.has("--load-mode") ? ["--load-mode", "none"] : ["--no-mmap"];
  const found = await diagnosed({ args: model(await smolModel(), ...whole), memoryBytes: 300e6 });
  expect(found).toMatchObject({ cause: "out_of_memory", nextStep: { action: "free_memory" } });
  expect(found.message).toMatch(/could not get \d+ MB .*for the model's weights/);
});

it("out_of_memory: to compute with, which smaller steps take less of", async () => {
  const found = await diagnosed({
    args: ["--model", tiny.text, "--ctx-size", "65536", "--batch-size", "65536", "--ubatch-size", "65536"],
    memoryBytes: 1.5e9,
    settings: { ctxSize: 65_536, parallel: 1, serves: "text", batchSize: 65_536 },
  });
  expect(found).toMatchObject({ cause: "out_of_memory", nextStep: { change: { batch_size: 512 } } });
  expect(found.message).toMatch(/could not get \d+ MB \(CPU\) to compute with/);
});

it.each([20e6, 60e6, 100e6])(
  "want of memory where it ends the process: within %i bytes",
  async (memoryBytes) => {
    const found = await diagnosed({ args: model(tiny.text), memoryBytes });
    expect(found.cause).toMatch(/^out_of_(memory|threads)$/);
    expect(found.nextStep?.action).toBe("free_memory");
  },
);

it("file_changed: a model that is cut while it runs", async () => {
  const file = path.join(folder, "running.gguf");
  await copyFile(tiny.text, file);
  const found = await diagnosed({
    args: model(file),
    onReady: ({ ask }) => truncate(file, 4_096).then(ask),
  });
  expect(found).toMatchObject({ cause: "file_changed", message: expect.stringContaining("SIGBUS") });
});

it("missing_library: what the loader says of any program", async () => {
  const program = path.join(folder, "unlinked");
  const sleep = await readFile("/bin/sleep");
  await writeFile(
    program,
    Buffer.from(sleep.toString("latin1").replaceAll("libc.so.6", "libq.so.6"), "latin1"),
    {
      mode: 0o755,
    },
  );
  const found = await diagnosed({ program, args: [] });
  expect(found).toMatchObject({ cause: "missing_library", message: expect.stringContaining("libq.so.6") });
});

it("engine_not_runnable", async () => {
  const nothing = path.join(folder, "nothing");
  expect(await diagnosed({ program: nothing, args: [] })).toMatchObject({
    cause: "engine_not_runnable",
    message: `llama-server (${nothing}) cannot be run: not found.`,
  });
  const garbage = path.join(folder, "garbage");
  await writeFile(garbage, "\x7fELFgarbage", { mode: 0o755 });
  expect((await diagnosed({ program: garbage, args: [] })).message).toMatch(/Exec format error/);
});

it.each([
  ["SIGKILL", "killed", /Somebody killed it/],
  ["SIGILL", "cpu_unsupported", /SIGILL/],
  ["SIGSEGV", "engine_bug", /SIGSEGV/],
  ["SIGABRT", "engine_bug", /SIGABRT/],
  ["SIGFPE", "engine_bug", /SIGFPE/],
  ["SIGHUP", "ended_by_signal", /SIGHUP/],
  ["SIGTERM", "ended_by_signal", /asked it to end/],
  ["SIGINT", "ended_by_signal", /asked it to end/],
] as const)("%s: %s", async (signal, cause, says) => {
  const found = await diagnosed({ args: model(tiny.text), onReady: ({ pid }) => process.kill(pid, signal) });
  expect(found).toMatchObject({ cause, message: expect.stringMatching(says) });
});

it("unknown: shows the log", async () => {
  const script = path.join(folder, "script");
  await writeFile(script, `#!/bin/sh\nfor line in 1 2 3 4 5 6 7 8 9; do echo "line $line"; done\nexit 7\n`, {
    mode: 0o755,
  });
  const found = await diagnosed({ program: script, args: [] });
  expect(found).toMatchObject({ cause: "unknown", nextStep: null });
  expect(found.message).toMatch(/exit code 7, for an unknown reason.*\nline 2\n(.*\n)*line 9$/);
});
