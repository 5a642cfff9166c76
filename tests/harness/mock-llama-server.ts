/** A program in place of llama-server: a process that can be seen and killed, with a mock engine behind it. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { llamaServerPath } from "../fixtures/index.ts";
import type { MockEngine } from "./mock-engine.ts";

/** Hands every connection on to the engine's port, which is its first argument; those of llama-server follow. */
const relay = `
const { connect, createServer } = require("node:net");
const [enginePort, ...args] = process.argv.slice(2);
const server = createServer((client) => {
  const engine = connect(Number(enginePort), "127.0.0.1");
  client.pipe(engine).pipe(client);
  client.on("error", () => {}).on("close", () => engine.destroy());
  engine.on("error", () => {}).on("close", () => client.destroySoon());
});
server.listen(Number(args[args.indexOf("--port") + 1]), "127.0.0.1");
`;

/**
 * Writes the program into a folder.
 * @param engine was made with `asLlamaServer`, and with the name of the model that will be loaded
 * @returns the program's path, as `LLAMA_SERVER` takes it
 */
export async function mockLlamaServer(folder: string, engine: MockEngine): Promise<string> {
  const script = path.join(folder, "relay.cjs");
  await writeFile(script, relay);
  const program = path.join(folder, "llama-server");
  const { port } = new URL(engine.baseUrl);
  const lines = [
    "#!/bin/sh",
    `[ "$1" = --help ] && exec '${await llamaServerPath()}' --help`,
    `exec '${process.execPath}' '${script}' ${port} "$@"`,
  ];
  await writeFile(program, `${lines.join("\n")}\n`, { mode: 0o755 });
  return program;
}
