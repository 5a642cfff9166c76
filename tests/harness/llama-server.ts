/** A llama-server of a test's own, without the gateway. */
import { spawn } from "node:child_process";
import { llamaServerPath } from "../fixtures/index.ts";
import { freePort } from "./port.ts";
import { waitFor } from "./wait.ts";

export interface LlamaServer extends AsyncDisposable {
  url: string;
  pid: number;
  output(): string;
}

/** Starts llama-server with these arguments and waits until it is ready. Dispose of it to end it. */
export async function startLlamaServer(args: string[]): Promise<LlamaServer> {
  const port = await freePort();
  const common = [
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--no-ui",
    "--threads",
    "1",
    "--cache-ram",
    "64",
  ];
  const child = spawn(await llamaServerPath(), [...common, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitFor("llama-server to be ready", async () => {
      if (child.exitCode !== null) throw new Error(`llama-server ended:\n${output.slice(-2000)}`);
      return (await fetch(`${url}/health`)).ok;
    });
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    url,
    pid: child.pid ?? 0,
    output: () => output,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
