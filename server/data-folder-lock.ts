/** One gateway a data folder: two would each hold balances in memory, and end each other's engines. */
import path from "node:path";
import { Lock } from "../lib/lock.mjs";

/**
 * Takes the data folder for this process. What a process left behind that was killed is no hindrance.
 * @returns gives the folder back
 * @throws Error that names the process that has it
 */
export async function lockDataFolder(dataDir: string): Promise<() => void> {
  const lock = new Lock(path.join(dataDir, "gateway.lock"));
  await lock.acquire(({ pid, since }) => {
    throw new Error(
      `The data folder ${dataDir} is in use by the gateway with PID ${pid}, since ${since}. Stop it, or choose another folder: GATEWAY_DATA_DIR=... npm start`,
    );
  });
  return () => lock.release();
}
