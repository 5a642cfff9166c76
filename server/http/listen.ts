/** Listening, and what to say when that is not possible. */
import type { Server } from "node:http";
import type { Environment } from "../../lib/env.ts";
import { describePortOwner } from "../slots/processes/port-owner.ts";

/**
 * Binds the server to the configured address.
 * @throws Error that names who has the port and how to choose another
 */
export async function listen(server: Server, { host, port }: Environment): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.removeListener("error", reject);
        resolve();
      });
    });
  } catch (error) {
    throw new Error(await explain(error, host, port), { cause: error });
  }
}

async function explain(error: unknown, host: string, port: number): Promise<string> {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return `Port ${port} is taken by ${await describePortOwner(port)}. Stop it, or choose another port: PORT=${port + 1} npm start`;
  if (code === "EACCES")
    return `This user may not listen on port ${port}. Choose one above 1023: PORT=4000 npm start`;
  if (code === "EADDRNOTAVAIL")
    return `This machine has no address ${host}. HOST may be 127.0.0.1 (this machine only) or 0.0.0.0 (the network).`;
  return `Cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`;
}
