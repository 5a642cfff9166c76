/** Model files on this machine. */
import type { Command } from "commander";
import { deletedModelReply } from "../../lib/admin/schemas/model-files.ts";
import { localModelsAnswer } from "../../lib/openapi/answers/model-files.ts";
import { Gateway, type GatewayAddress } from "../gateway.ts";
import { chooseExactModel, findModel } from "../local-models.ts";
import { print, table } from "../output.ts";

/** `models` and `rm`. */
export function addModelCommands(program: Command): void {
  program
    .command("models")
    .description("the model files on this machine")
    .action(async (_options, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const answer = await gateway.get("/admin/api/models/local", localModelsAnswer);
      const words = table(answer.models, [
        { heading: "MODEL", value: ({ name }) => name },
        { heading: "TYPE", value: ({ detected_type }) => detected_type },
        { heading: "QUANT", value: ({ quantization }) => quantization },
        { heading: "CONTEXT", value: ({ context_length }) => context_length, align: "right" },
        { heading: "SIZE MB", value: ({ size_mb }) => size_mb, align: "right" },
        { heading: "FAULT", value: ({ error }) => error },
      ]);
      print(command, answer, words);
    });
  program
    .command("rm <model>")
    .description("delete a model's files: by its whole name, or its file")
    .action(async (named: string, _options, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const { path } = await findModel(gateway, named, chooseExactModel);
      const answer = await gateway.send("POST", "/admin/api/models/delete", { path }, deletedModelReply);
      print(command, answer, `Deleted ${answer.deleted.join(", ")}.`);
    });
}
