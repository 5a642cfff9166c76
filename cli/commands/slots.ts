/** The slots: what they run, and loading and unloading. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { SlotReply } from "../../lib/admin/schemas.ts";
import { slotActionReply } from "../../lib/admin/schemas.ts";
import { slotListAnswer } from "../../lib/openapi/answers/admin.ts";
import { CommandError } from "../command-error.ts";
import { Gateway, type GatewayAddress } from "../gateway.ts";
import { findModel } from "../local-models.ts";
import { wholeNumber } from "../option-values.ts";
import { duration, print, table, wantsJson } from "../output.ts";
import { clearProgress, showProgress } from "../progress.ts";

const pollMs = 500;

export interface LoadOptions {
  slot?: number;
  ctx?: number;
  parallel?: number;
  threads?: number;
  mmproj?: string;
  preset?: string;
  force?: boolean;
}

/** `slots`, `load`, `unload` and `restart`. */
export function addSlotCommands(program: Command): void {
  program
    .command("slots")
    .description("the seven slots, and what they run")
    .action(async (_options, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const answer = await gateway.get("/admin/api/slots", slotListAnswer);
      print(command, answer, slotTable(answer.slots));
    });
  withLoadOptions(program.command("load <model>"))
    .description("load a model: its name, a part of it that fits no other, or its file")
    .action(async (name: string, options: LoadOptions, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const { path } = await findModel(gateway, name);
      const slot = await load(gateway, path, options, wantsJson(command));
      print(command, slot, `${slot.model_name} is ready in slot ${slot.port}.`);
    });
  for (const [verb, done, text] of [
    ["unload", "is empty", "let its requests finish, then empty a slot"],
    ["restart", "was restarted", "restart a slot's engine"],
  ] as const)
    program
      .command(`${verb} <slot>`)
      .description(`${text}: by its port, or the name of what it runs`)
      .action(async (named: string, _options, command: Command) => {
        const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
        const { port } = await findSlot(gateway, named);
        const answer = await gateway.send("POST", `/admin/api/slots/${port}/${verb}`, {}, slotActionReply);
        print(command, answer, `Slot ${port} ${done}.`);
      });
}

/** The options of a load, for whichever command loads. */
export function withLoadOptions(command: Command): Command {
  return command
    .option("--slot <port>", "the slot (default: the first empty one)", wholeNumber)
    .option("--ctx <tokens>", "tokens that one request may hold", wholeNumber)
    .option("--parallel <count>", "requests at once", wholeNumber)
    .option("--threads <count>", "CPU threads", wholeNumber)
    .option("--mmproj <file>", "the projector of a vision or audio model")
    .option("--preset <name>", "a preset of the model")
    .option("--force", "even where it does not seem to fit");
}

/**
 * Loads a file and waits until it is ready.
 * @param quiet nothing is printed meanwhile
 * @throws CommandError with the engine's words when it does not start
 */
export async function load(
  gateway: Gateway,
  modelPath: string,
  { ctx, mmproj, ...options }: LoadOptions,
  quiet: boolean,
): Promise<SlotReply> {
  const body = {
    model_path: modelPath,
    ctx_size: ctx,
    mmproj_path: mmproj,
    wait: false,
    ...loadFields(options),
  };
  const { slot } = await gateway.send("POST", "/admin/api/slots/load", body, slotActionReply);
  const startedMs = performance.now();
  for (;;) {
    const { slots } = await gateway.get("/admin/api/slots", slotListAnswer);
    const found = slots.find(({ port }) => port === slot);
    if (found?.status === "ready") {
      if (!quiet) clearProgress();
      return found;
    }
    if (found?.status !== "starting" && found?.status !== "draining")
      throw new CommandError(found?.error ?? `Slot ${slot} is ${found?.status ?? "gone"}.`);
    if (!quiet)
      showProgress(`Loading into slot ${slot}, ${duration((performance.now() - startedMs) / 1000)} ...`);
    await sleep(pollMs);
  }
}

function loadFields({ slot, parallel, threads, preset, force }: LoadOptions) {
  return { slot, parallel, threads, preset, force };
}

/** @throws CommandError where no slot, or more than one, fits */
async function findSlot(gateway: Gateway, named: string): Promise<SlotReply> {
  const { slots } = await gateway.get("/admin/api/slots", slotListAnswer);
  const byPort = slots.find(({ port }) => String(port) === named);
  if (byPort) return byPort;
  const running = slots.filter((slot) => slot.model_name?.toLowerCase().includes(named.toLowerCase()));
  const [only, second] = running;
  if (only && !second) return only;
  const names = running.map(({ port, model_name }) => `${port} (${model_name})`).join(", ");
  throw new CommandError(only ? `'${named}' fits several: ${names}.` : `No slot is or runs '${named}'.`);
}

export function slotTable(slots: readonly SlotReply[]): string {
  return table(slots, [
    { heading: "SLOT", value: ({ port }) => port },
    { heading: "STATUS", value: ({ status }) => status },
    { heading: "MODEL", value: ({ model_name }) => model_name },
    { heading: "TYPE", value: ({ model_type }) => model_type },
    { heading: "CONTEXT", value: ({ ctx_size }) => ctx_size, align: "right" },
    { heading: "AT ONCE", value: ({ parallel }) => parallel, align: "right" },
    { heading: "RUNNING", value: ({ in_flight }) => in_flight, align: "right" },
    { heading: "WAITING", value: ({ queued }) => queued, align: "right" },
    { heading: "RAM MB", value: ({ ram_mb }) => ram_mb, align: "right" },
    { heading: "CPU %", value: ({ cpu_percent }) => cpu_percent, align: "right" },
    { heading: "UP", value: ({ uptime_s }) => duration(uptime_s), align: "right" },
  ]);
}
