import { processesNaming } from "./processes.ts";
import { waitFor } from "./wait.ts";

/** A gateway's reaper asks engines to end, and after two seconds forces them. */
const afterlifeMs = 8_000;

/**
 * What still runs after a gateway has ended; it is given the time that the reaper takes, then killed.
 * @param dataDir the gateway's data folder, which all its processes name
 * @returns a line for each process; empty where all is well
 */
export async function leftBehind(dataDir: string): Promise<string[]> {
  const allEnded = waitFor("every process to end", () => processesNaming(dataDir).length === 0, {
    timeoutMs: afterlifeMs,
  });
  return allEnded.then(
    () => [],
    () =>
      processesNaming(dataDir).map(({ pid, command }) => {
        process.kill(pid, "SIGKILL");
        return `process ${pid} is left: ${command}`;
      }),
  );
}
