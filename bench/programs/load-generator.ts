/** The load generator's process: takes one job after another over IPC, and answers each with what it saw. */
import type { Job, Results } from "../load/jobs.ts";
import { holdStreams, runJson, runStreams, waitForAnswer } from "../load/work.ts";

let holding: ReturnType<typeof holdStreams> | null = null;

async function run(job: Job): Promise<Results[Job["kind"]]> {
  switch (job.kind) {
    case "wait":
      return waitForAnswer(job);
    case "json":
      return runJson(job);
    case "streams":
      return runStreams(job);
    case "hold":
      holding = holdStreams(job);
      return holding.held;
    case "release": {
      const result = holding?.cutOff() ?? { held: 0, failures: {} };
      holding = null;
      return result;
    }
  }
}

process.on("message", (job: Job) => {
  run(job).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit(0));
