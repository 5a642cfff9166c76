/** A gateway's data folder for one test, with every tiny model in it. */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { smolModel, tinyModels } from "../fixtures/index.ts";

export interface DataFolder {
  dataDir: string;
  adminKey: string;
}

/** Names of the models in the folder, as `model_path` of a load request takes them. */
export const modelFiles = {
  text: "tiny-text.gguf",
  /** tiny-text again under a name of its own, to be loaded with a projector. */
  omni: "tiny-omni.gguf",
  think: "tiny-think.gguf",
  embed: "tiny-embed.gguf",
  rerank: "tiny-rerank.gguf",
  mmprojVision: "projectors/tiny-mmproj-vision.gguf",
  mmprojAudio: "projectors/tiny-mmproj-audio.gguf",
  mmprojOmni: "projectors/tiny-mmproj-omni.gguf",
  smol: "SmolLM2-135M-Instruct.gguf",
} as const;

/** Configuration for tests that are not about limits. */
export const unlimited = {
  rate_limits: { payg: 1_000_000, sub: 1_000_000 },
  tiers: { payg: { concurrency: null }, sub: { concurrency: null } },
};

/** An empty temporary folder; whoever asks for it removes it. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), "llm-gateway-test-"));
}

/**
 * Fills a folder with links to the models and a `config.json`.
 * @param slotPorts the seven ports
 * @param config further keys of the file; `slots` is added to the empty seven
 */
export async function fillDataFolder(
  dataDir: string,
  slotPorts: readonly number[],
  config: Record<string, unknown> = {},
): Promise<DataFolder> {
  await linkModels(dataDir);
  const adminKey =
    typeof config.admin_key === "string" ? config.admin_key : `sk-${randomBytes(24).toString("hex")}`;
  const slots = { ...Object.fromEntries(slotPorts.map((port) => [port, null])), ...(config.slots ?? {}) };
  // Two threads of an engine wait for each other in a loop: where other processes want the cores as well, a token then
  // takes a hundred times as long as by one thread. And requests of the gateway's own would stand among those of a test.
  const own = { default_threads: 1, test_capabilities: false };
  const document = { ...own, ...config, admin_key: adminKey, slots };
  await writeFile(path.join(dataDir, "config.json"), JSON.stringify(document), { mode: 0o600 });
  return { dataDir, adminKey };
}

/** The projectors lie apart, so that tiny-text is a plain text model unless a test names one. */
export async function linkModels(dataDir: string): Promise<void> {
  const modelsDir = path.join(dataDir, "models");
  await mkdir(path.join(modelsDir, "projectors"), { recursive: true });
  const tiny = await tinyModels();
  const targets = { ...tiny, omni: tiny.text, smol: await smolModel() };
  for (const [name, file] of Object.entries(modelFiles))
    await symlink(targets[name as keyof typeof targets], path.join(modelsDir, file));
}
