/** What the gateway and this machine are doing. */
import type { Command } from "commander";
import { z } from "zod";
import { slotListAnswer } from "../../lib/openapi/answers/admin.ts";
import { examine, reportText } from "../../scripts/doctor.mjs";
import { Gateway, type GatewayAddress } from "../gateway.ts";
import { print } from "../output.ts";
import { slotTable } from "./slots.ts";

const health = z.object({ status: z.string(), active_slots: z.int() });

/** `status` and `doctor`. */
export function addStatusCommands(program: Command): void {
  program
    .command("status")
    .description("whether the gateway takes requests, and what its slots run")
    .action(async (_options, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const { status } = await gateway.get("/health", health, [503]);
      const { slots } = await gateway.get("/admin/api/slots", slotListAnswer);
      print(
        command,
        { url: gateway.origin, status, slots },
        `${gateway.origin}: ${status}\n\n${slotTable(slots)}`,
      );
    });
  program
    .command("doctor")
    .description("what this machine has, what was found and tried, and what to do about what is missing")
    .action(async (_options, command: Command) => {
      const report = await examine();
      print(command, report, reportText(report));
    });
}
