/** The load generator as the bench drives it: one process for the whole run, so that it is warm. */
import { once } from "node:events";
import { type Child, logTail, startChild } from "../child.ts";
import type { Job, Results } from "./jobs.ts";

export class LoadGenerator {
  readonly #child: Child;

  constructor(program: string, logFile: string) {
    this.#child = startChild([process.execPath, program], { logFile, ipc: true });
  }

  /**
   * Does one job.
   * @throws Error when the generator ended over it
   */
  async run<Kind extends Job["kind"]>(job: Extract<Job, { kind: Kind }>): Promise<Results[Kind]> {
    const { process: generator } = this.#child;
    const ended = new AbortController();
    const { signal } = ended;
    generator.send(job);
    try {
      const answer = once(generator, "message", { signal }).then(([result]) => result as Results[Kind]);
      const exit = once(generator, "exit", { signal }).then(() => {
        throw new Error(`The load generator ended.\n${logTail(this.#child)}`);
      });
      return await Promise.race([answer, exit]);
    } finally {
      ended.abort();
    }
  }

  close(): void {
    this.#child.process.disconnect();
  }
}
