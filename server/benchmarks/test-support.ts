/** A rig of real slots with the service that measures them, and a real database. */
import { symlink } from "node:fs/promises";
import path from "node:path";
import pino from "pino";
import { afterAll, onTestFinished } from "vitest";
import type { MeasureJob } from "../../lib/benchmarks/types.ts";
import { smolModel } from "../../tests/fixtures/index.ts";
import { openTestDatabase, type TestDatabase } from "../database/testing/test-database.ts";
import { openRig } from "../slots/test-support/open-rig.ts";
import type { Rig, RigOptions } from "../slots/test-support/rig.ts";
import { BenchmarkService } from "./service.ts";

export const smol = "SmolLM2-135M-Instruct";

/** Two threads on a machine that has more to do can take seconds for what one does at once. */
export const leastPatienceMs = 20_000;

export interface MeasureRig {
  rig: Rig;
  service: BenchmarkService;
  database: TestDatabase["database"];
}

/** Opened once for all tests of a file: an empty database takes a second. */
let opened: Promise<TestDatabase> | null = null;
afterAll(async () => (await opened)?.remove());

/** Ends with the test. Its database is that of all tests in the file. */
export async function openMeasureRig(
  options: RigOptions = {},
  counts: readonly number[] = [1, 2],
): Promise<MeasureRig> {
  opened ??= openTestDatabase();
  const { database } = await opened;
  const rig = await openSmolRig(options);
  const log = pino({ level: "silent" });
  const { slots, config } = rig;
  const service = new BenchmarkService({ slots, database, config, log, counts, leastPatienceMs });
  onTestFinished(() => service.stop());
  return { rig, service, database };
}

/** A rig with the starter model beside the tiny ones; it knows them all. */
export async function openSmolRig(options: RigOptions = {}): Promise<Rig> {
  const rig = await openRig(options);
  // A look at the disk that is under way would not see it.
  await rig.slots.localModels();
  await symlink(await smolModel(), path.join(rig.dataDir, "models", `${smol}.gguf`));
  await rig.slots.localModels();
  return rig;
}

/** The job when it has ended. */
export function ended(service: BenchmarkService, id: string): Promise<MeasureJob> {
  return until(service, id, ({ status }) => status !== "running");
}

/** The job when it is as wanted, now or after a change. */
export function until(
  service: BenchmarkService,
  id: string,
  wanted: (job: MeasureJob) => boolean,
): Promise<MeasureJob> {
  return new Promise((resolve) => {
    const look = (job: MeasureJob) => {
      if (job.id !== id || !wanted(job)) return;
      stop();
      resolve(job);
    };
    const stop = service.subscribe(look);
    look(service.job(id));
  });
}
