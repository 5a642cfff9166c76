/** Next, which renders the pages and answers everything but `/v1` and `/health`. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import path from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Environment } from "../../lib/env.ts";
import { provideAsyncContext, restingWhenIdle } from "./resting-async-context.ts";
import type { NodeHandler } from "./server.ts";

export interface Portal {
  /** Resolves when Next can answer; rejects when it cannot be started. */
  handler: Promise<NodeHandler>;
  /** Begins loading Next. It takes some tenths of a second of CPU, so the server listens first. */
  start(): void;
  /** For requests that offer an upgrade: in development Next reloads pages by them. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** @param development Next compiles pages on request and reloads them in the browser */
export function createPortal(environment: Environment, development: boolean): Portal {
  // Next listens for upgrades at a server that it is given, and ends those that are for one of its routes. So it gets one
  // of its own, and only what is meant for it.
  const upgrades = createServer();
  let begin = () => {};
  const started = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const handler = started.then(() => loadNext(upgrades, environment, development));
  handler.catch(() => {}); // Whoever awaits it deals with it; the process must not end for want of pages.
  return {
    handler,
    start: () => begin(),
    upgrade: (request, socket, head) => {
      if (!upgrades.emit("upgrade", request, socket, head)) socket.destroy();
    },
  };
}

async function loadNext(
  upgrades: Server,
  environment: Environment,
  development: boolean,
): Promise<NodeHandler> {
  const folder = projectFolder();
  if (!development) await adoptBuiltConfiguration(folder);
  provideAsyncContext();
  const { default: createNext } = await import("next");
  const next = createNext({
    dev: development,
    dir: folder,
    hostname: environment.host,
    port: environment.port,
    httpServer: upgrades,
  });
  await next.prepare();
  return restingWhenIdle(next.getRequestHandler());
}

/**
 * Hands Next the configuration that its build has resolved, as its standalone server does. Otherwise it would load its
 * compiler (26 MB) at each start, only to read next.config.ts.
 * @throws Error where nothing was built
 */
async function adoptBuiltConfiguration(folder: string): Promise<void> {
  const manifest = await readFile(path.join(folder, ".next", "required-server-files.json"), "utf8");
  process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = JSON.stringify(JSON.parse(manifest).config);
}

/** The folder of package.json: two levels up from the source, one up from the bundle in `dist/`. */
function projectFolder(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  return path.basename(here) === "dist" ? path.dirname(here) : path.resolve(here, "../..");
}
