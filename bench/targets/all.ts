/** The targets of a run, made ready. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { tinyModels } from "../../tests/fixtures/index.ts";
import type { Programs } from "../programs.ts";
import { GatewayTarget } from "./gateway.ts";
import { DirectTarget, ProxyTarget, wholeAnswerPart } from "./plain.ts";
import type { Target, TargetName } from "./target.ts";

/** One for each stream of the streams part. */
const sequences = 64;

export interface Targets {
  list: readonly Target[];
  close(): Promise<void>;
}

/** Starts the mock engine, and prepares what is to be measured before it. */
export async function openTargets(
  names: readonly TargetName[],
  programs: Programs,
  folder: string,
): Promise<Targets> {
  const direct = await DirectTarget.launch(programs, folder);
  const open: Record<TargetName, () => Promise<Target>> = {
    direct: async () => direct,
    proxy: () => ProxyTarget.prepare(programs, direct.engine, folder),
    gateway: () => openGateway(direct, path.join(folder, "gateway")),
    "gateway-llama": () => openLlamaGateway(programs, path.join(folder, "gateway-llama")),
  };
  try {
    const list: Target[] = [];
    for (const name of names) list.push(await open[name]());
    return { list, close: () => direct.end() };
  } catch (error) {
    await direct.end();
    throw error;
  }
}

/** The gateway with the mock engine as a remote: what the client asks for is what the engine is asked for. */
export async function openGateway(direct: DirectTarget, folder: string): Promise<GatewayTarget> {
  await mkdir(folder);
  return GatewayTarget.prepare({ kind: "remote", port: direct.engine.port, expect: wholeAnswerPart }, folder);
}

/** The gateway with llama-server's adapter: it always asks for a stream, and gathers it for clients that did not. */
async function openLlamaGateway(programs: Programs, folder: string): Promise<GatewayTarget> {
  await mkdir(folder);
  const { text } = await tinyModels();
  return GatewayTarget.prepare(
    { kind: "llama-server", server: programs.llamaServer, model: text, parallel: sequences },
    folder,
  );
}
