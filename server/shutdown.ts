/** The way out: stop taking requests, let the running ones finish, end the engines, close the database. */
import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Runtime } from "../lib/runtime.ts";
import type { SystemServices } from "./system/services.ts";

export interface ShutdownParts {
  runtime: Runtime;
  server: Server;
  /** Requests that have not been answered to the end. */
  runningRequests(): number;
  /** Ends the sockets of live events. */
  closeSockets(): Promise<void>;
  /** Ends every engine; resolves when none is left. */
  endEngines(deadlineMs: number): Promise<void>;
  /** What watches the machine and the uptime. */
  watching: Pick<SystemServices, "endUptime" | "close">;
  /** Stops downloads; the next start goes on with them. */
  endDownloads(): Promise<void>;
  /** Resolves when the log's last lines are written. */
  flushLog(): Promise<void>;
  /** Gives the data folder back. */
  unlock(): void;
}

const enginesDeadlineMs = 10_000;
const idleCheckMs = 50;

/** What is left of answers whose engine was ended: an error, and the charge for what was delivered. */
const lastWordsMs = 2_000;

/** A full disk must not keep the process from ending. */
const flushDeadlineMs = 5_000;

/** Shuts down in order on SIGTERM and SIGINT; a second signal does not wait for running requests. */
export function shutDownOnSignals(parts: ShutdownParts): void {
  let hurry: (() => void) | null = null;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (hurry) return hurry();
      const hurried = new Promise<void>((resolve) => {
        hurry = resolve;
      });
      shutDown(parts, hurried)
        .then(
          () => 0,
          (error: unknown) => {
            parts.runtime.log.error(error, "The shutdown failed.");
            return 1;
          },
        )
        .then(async (code) => {
          await parts.flushLog();
          process.exit(code);
        });
      return undefined;
    });
  }
}

async function shutDown(parts: ShutdownParts, hurried: Promise<void>): Promise<void> {
  const { runtime, server, closeSockets, endEngines, endDownloads, watching, unlock } = parts;
  const drainMs = runtime.config.current.drain_s * 1000;
  runtime.status = "draining";
  const downloadsEnded = endDownloads();
  runtime.log.info(`Shutting down: running requests have ${drainMs / 1000} s to finish.`);
  await watching.endUptime();
  const unmeasured = Promise.all([runtime.benchmarks.stop(), runtime.capabilityTests.stop()]);
  // Still listening: a load balancer shall read `draining` and go elsewhere, rather than find the door shut.
  await Promise.race([untilIdle(parts, drainMs), hurried]);
  server.close();
  await closeSockets();
  await endEngines(enginesDeadlineMs);
  await unmeasured;
  await Promise.race([untilIdle(parts, lastWordsMs), hurried]);
  server.closeAllConnections();
  await watching.close();
  await downloadsEnded;
  await writeWhatIsSettled(runtime);
  await runtime.database.close();
  runtime.config.close();
  unlock();
  runtime.log.info("Stopped.");
}

/** Resolves when no request is under way, at the latest after `limitMs`. */
async function untilIdle({ runningRequests }: ShutdownParts, limitMs: number): Promise<void> {
  const deadlineMs = performance.now() + limitMs;
  while (runningRequests() > 0 && performance.now() < deadlineMs) await delay(idleCheckMs);
}

async function writeWhatIsSettled({ accounts, log }: Runtime): Promise<void> {
  const written = await Promise.race([accounts.flush().then(() => true), delay(flushDeadlineMs, false)]);
  if (!written)
    log.error("The disk takes no more settlements: those still waiting are lost, in the customers' favour.");
}
