/** Downloads under way, and those that have ended. */
import type { Command } from "commander";
import { type DownloadReply, downloadReply } from "../../lib/admin/schemas/models-hub.ts";
import { downloadListAnswer } from "../../lib/openapi/paths/admin-hub.ts";
import { CommandError } from "../command-error.ts";
import { Gateway, type GatewayAddress } from "../gateway.ts";
import { wholeNumber } from "../option-values.ts";
import { bytes, print, table } from "../output.ts";

/** `downloads list`, which is also `downloads` alone, `downloads pause`, `downloads continue` and `downloads cancel`. */
export function addDownloadCommands(program: Command): void {
  const downloads = program.command("downloads").description("downloads from the hub and from addresses");
  downloads
    .command("list", { isDefault: true })
    .description("all of them, the newest first")
    .action(async (_options, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const answer = await gateway.get("/admin/api/models/downloads", downloadListAnswer);
      const lines = table(answer.data, [
        { heading: "ID", value: ({ id }) => id, align: "right" },
        { heading: "MODEL", value: ({ name }) => name },
        { heading: "STATUS", value: ({ status }) => status },
        { heading: "DONE", value: ({ done_bytes }) => bytes(done_bytes), align: "right" },
        { heading: "SIZE", value: ({ size_bytes }) => size_bytes && bytes(size_bytes), align: "right" },
        { heading: "TROUBLE", value: ({ error }) => error },
      ]);
      print(command, answer, lines);
    });
  for (const [verb, text, act] of [
    ["pause", "let one rest: what has come stays", pause],
    ["continue", "go on with one that is paused or has failed", goOn],
    ["cancel", "end one and remove what is unfinished of it; one that has ended leaves the list", cancel],
  ] as const)
    downloads
      .command(verb)
      .description(text)
      .argument("<id>", "its number, as `downloads list` shows it", wholeNumber)
      .action(async (id: number, _options, command: Command) => {
        const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
        const download = await act(gateway, id);
        print(command, download, `${download.name} is ${download.status}.`);
      });
}

function pause(gateway: Gateway, id: number): Promise<DownloadReply> {
  return gateway.send("POST", `/admin/api/models/downloads/${id}/pause`, {}, downloadReply);
}

function cancel(gateway: Gateway, id: number): Promise<DownloadReply> {
  return gateway.send("DELETE", `/admin/api/models/downloads/${id}`, {}, downloadReply);
}

/** To an operator it is one thing, whatever it was that stopped it. */
async function goOn(gateway: Gateway, id: number): Promise<DownloadReply> {
  const { data } = await gateway.get("/admin/api/models/downloads", downloadListAnswer);
  const found = data.find((one) => one.id === id);
  if (!found) throw new CommandError(`There is no download ${id}. \`downloads list\` shows them.`);
  const verb = found.status === "failed" ? "retry" : "continue";
  return gateway.send("POST", `/admin/api/models/downloads/${id}/${verb}`, {}, downloadReply);
}
