/** Model files on this machine. */
import type { Command } from "commander";
import { localModelsAnswer } from "../../lib/openapi/answers/model-files.ts";
import { Gateway, type GatewayAddress } from "../gateway.ts";
import { print, table } from "../output.ts";

/** `models`. */
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
}
