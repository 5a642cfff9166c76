/** All commands; each command file adds its own. */
import { Command, CommanderError } from "commander";
import { CommandError } from "./command-error.ts";
import { addBackupCommands } from "./commands/backups.ts";
import { addBookCommands } from "./commands/books.ts";
import { addDownloadCommands } from "./commands/downloads.ts";
import { addHubCommands } from "./commands/hub.ts";
import { addKeyCommands } from "./commands/keys.ts";
import { addLogCommands } from "./commands/logs.ts";
import { addModelCommands } from "./commands/models.ts";
import { addSlotCommands } from "./commands/slots.ts";
import { addStatusCommands } from "./commands/status.ts";
import { addUserCommands } from "./commands/users.ts";

/** The program with all its commands; nothing runs before it is parsed. */
export function createProgram(): Command {
  const program = new Command("npm run cli --")
    .description(
      "Drives a running gateway. The admin key comes from GATEWAY_ADMIN_KEY or the data folder's config.json.",
    )
    .option("--url <address>", "the gateway's address (default: http://127.0.0.1:PORT)")
    .option("--json", "print JSON")
    .showHelpAfterError("(--help tells what there is)")
    .exitOverride();
  for (const add of [
    addStatusCommands,
    addSlotCommands,
    addModelCommands,
    addHubCommands,
    addDownloadCommands,
    addLogCommands,
    addUserCommands,
    addKeyCommands,
    addBookCommands,
    addBackupCommands,
  ])
    add(program);
  withGlobalOptions(program);
  return program;
}

/** `--url` and `--json` may stand behind a command, too. */
function withGlobalOptions(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride();
    if (child.commands.length === 0)
      child.option("--url <address>", "the gateway's address").option("--json", "print JSON");
    withGlobalOptions(child);
  }
}

/** Runs one command line. @returns the exit code */
export async function run(words: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync([...words], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof CommandError)) throw error;
    console.error(error.message);
    return 1;
  }
}
