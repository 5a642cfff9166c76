/** What the gateway and its engines print. */
import { once } from "node:events";
import type { Command } from "commander";
import { WebSocket } from "ws";
import { z } from "zod";
import { isJsonObject } from "../../lib/config/merge-patch.ts";
import { logLinesAnswer } from "../../lib/openapi/answers/admin.ts";
import { CommandError } from "../command-error.ts";
import { Gateway, type GatewayAddress } from "../gateway.ts";
import { wholeNumber } from "../option-values.ts";
import { wantsJson } from "../output.ts";

interface LogsOptions {
  lines: number;
  follow?: boolean;
}

/** `logs`. */
export function addLogCommands(program: Command): void {
  program
    .command("logs [slot]")
    .description("the last lines of a slot's engine, by the slot's port, or of the gateway itself")
    .option("-n, --lines <count>", "how many", wholeNumber, 50)
    .option("-f, --follow", "go on with what comes")
    .action(async (slot: string | undefined, options: LogsOptions, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const show = wantsJson(command)
        ? (line: string) => console.log(jsonLine(line, slot))
        : (line: string) => console.log(line);
      if (options.follow) await follow(gateway, `logs:${slot ?? "gateway"}`, options.lines, show);
      const place = slot === undefined ? "logs" : `slots/${encodeURIComponent(slot)}/logs`;
      const answer = await gateway.get(`/admin/api/${place}?lines=${options.lines}`, logLinesAnswer);
      for (const line of answer.data) show(line);
    });
}

/** A line as one JSON object. The gateway's own are that already; an engine's get their slot's port. */
function jsonLine(line: string, slot: string | undefined): string {
  if (slot !== undefined) return JSON.stringify({ port: Number(slot), line });
  return isObject(line) ? line : JSON.stringify({ line });
}

function isObject(line: string): boolean {
  try {
    return isJsonObject(JSON.parse(line));
  } catch {
    return false;
  }
}

const message = z.union([
  z
    .object({ data: z.object({ lines: z.array(z.string()), dropped: z.int() }) })
    .transform(({ data }) => data),
  z.object({ error: z.object({ message: z.string() }) }),
]);

/**
 * Shows lines as they come, until it is interrupted.
 * @param count of those that are there already
 * @throws CommandError when the gateway ends it
 */
async function follow(
  gateway: Gateway,
  topic: string,
  count: number,
  show: (line: string) => void,
): Promise<never> {
  const address = `${gateway.origin.replace(/^http/, "ws")}/admin/api/events`;
  const socket = new WebSocket(address, { headers: gateway.headers });
  let isFirst = true;
  socket.on("message", (data) => {
    const told = message.parse(JSON.parse(String(data)));
    if ("error" in told) {
      socket.emit("error", new Error(told.error.message));
      socket.terminate();
      return;
    }
    const lines = isFirst
      ? told.lines.slice(told.lines.length - Math.min(count, told.lines.length))
      : told.lines;
    isFirst = false;
    if (told.dropped > 0) console.error(`(${told.dropped} lines came too fast to be shown)`);
    for (const line of lines) show(line);
  });
  socket.on("open", () => socket.send(JSON.stringify({ subscribe: [topic] })));
  // Rejects with an error of the socket.
  const [code] = await once(socket, "close").catch((error: Error) => {
    throw new CommandError(`The log cannot be followed: ${error.message}`, { cause: error });
  });
  throw new CommandError(
    code === 1012 ? "The gateway is shutting down." : `The gateway ended this (${code}).`,
  );
}
