import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Environment, readEnvironment } from "../../../lib/env.ts";
import { findLlamaServer } from "./llama-binary.ts";

let folder: string;
let environment: Environment;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "llama-binary-"));
  await mkdir(path.join(folder, "bin"));
  environment = readEnvironment({
    NODE_ENV: "test",
    GATEWAY_CACHE_DIR: path.join(folder, "cache"),
    PATH: `${folder}/bin:/usr/bin:/bin`,
  });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program that lists one option; returns its path. */
async function program(name: string, option = "--host"): Promise<string> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho "${option} X    an option"\n`);
  await chmod(file, 0o755);
  return file;
}

/** What the set-up notes. */
async function noted(file: string): Promise<void> {
  await mkdir(environment.cacheDir, { recursive: true });
  await writeFile(path.join(environment.cacheDir, "llama-server.json"), JSON.stringify({ path: file }));
}

describe("llama-server", () => {
  it("is the one that was named, then the one that was installed, then the one on PATH", async () => {
    const find = async (configured: string | null) => (await findLlamaServer(environment, configured)).file;
    const onPath = await program("bin/llama-server");
    expect(await find(null)).toBe(onPath);
    const installed = await program("installed");
    await noted(installed);
    expect(await find(null)).toBe(installed);
    const configured = await program("configured");
    expect(await find(configured)).toBe(configured);
    const named = await program("named");
    environment.llamaServer = named;
    expect(await find(configured)).toBe(named);
  });

  it("is asked for its options again when the file changed", async () => {
    const file = await program("bin/llama-server");
    expect([...(await findLlamaServer(environment, null)).options]).toEqual(["--host"]);
    await rm(file);
    await program("bin/llama-server", "--port");
    expect([...(await findLlamaServer(environment, null)).options]).toEqual(["--port"]);
  });

  it("that is missing, or cannot be run, comes with advice", async () => {
    await expect(findLlamaServer(environment, null)).rejects.toThrow(/not installed.*npm run doctor/);
    const broken = path.join(folder, "broken");
    await writeFile(broken, "no program", { mode: 0o755 });
    await expect(findLlamaServer(environment, broken)).rejects.toThrow(/cannot be run.*npm run doctor/);
    await noted(path.join(folder, "gone"));
    await expect(findLlamaServer(environment, null)).rejects.toThrow(/cannot be run.*npm run doctor/);
  });
});
