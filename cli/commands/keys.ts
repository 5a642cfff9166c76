/** API keys. */
import path from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { createdKeyReply } from "../../lib/admin/schemas.ts";
import { generateApiKey } from "../../lib/auth/api-keys.ts";
import { isJsonObject } from "../../lib/config/merge-patch.ts";
import { readText, replaceFile } from "../../lib/config/replace-file.ts";
import { readEnvironment } from "../../lib/env.ts";
import { deletedKeyAnswer } from "../../lib/openapi/answers/admin.ts";
import { CommandError } from "../command-error.ts";
import { Gateway, type GatewayAddress } from "../gateway.ts";
import { wholeNumber } from "../option-values.ts";
import { print, table } from "../output.ts";
import { allUsers, findUser } from "./users.ts";

/** `key create`, `key list`, `key revoke` and `key reset-admin`. */
export function addKeyCommands(program: Command): void {
  const key = program.command("key").description("API keys");
  key
    .command("create <user>")
    .description("make a key for a user, named by id or address, and show it this once")
    .option("--name <name>", "to tell it from others")
    .action(async (named: string, { name }: { name?: string }, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const { id } = await findUser(gateway, named);
      const made = await gateway.send("POST", `/admin/api/users/${id}/apikey`, { name }, createdKeyReply);
      print(command, made, `Key ${made.id}, shown this once:\n${made.api_key}`);
    });
  key
    .command("list [user]")
    .description("all keys, or those of a user")
    .action(async (named: string | undefined, _options, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const users = named === undefined ? await allUsers(gateway) : [await findUser(gateway, named)];
      const keys = users.flatMap(({ email, api_keys }) => api_keys.map((found) => ({ email, ...found })));
      const words = table(keys, [
        { heading: "ID", value: ({ id }) => id, align: "right" },
        { heading: "KEY", value: ({ prefix }) => `${prefix}...` },
        { heading: "NAME", value: ({ name }) => name },
        { heading: "USER", value: ({ email }) => email },
        { heading: "EXPIRES", value: ({ expires_at }) => expires_at },
      ]);
      print(command, { data: keys }, words);
    });
  key
    .command("revoke")
    .description("end a key for good")
    .argument("<id>", "its number, as `key list` shows it", wholeNumber)
    .action(async (id: number, _options, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const answer = await gateway.send("DELETE", `/admin/api/apikeys/${id}`, {}, deletedKeyAnswer);
      print(command, answer, `Key ${id} is revoked.`);
    });
  key
    .command("reset-admin")
    .description(
      "make a new admin key in config.json; the old one ends. Works without the gateway running, too",
    )
    .action(async (_options, command: Command) => {
      const environment = readEnvironment(process.env);
      if (environment.adminKey !== undefined)
        throw new CommandError(
          "GATEWAY_ADMIN_KEY wins over the configuration: change it where the gateway is started.",
        );
      const adminKey = generateApiKey();
      await replaceAdminKey(environment.dataDir, adminKey);
      print(command, { admin_key: adminKey }, `The new admin key, also in config.json:\n${adminKey}`);
    });
}

const document = z.custom<Record<string, unknown>>(isJsonObject);

/**
 * Writes it into the configuration, which a running gateway notices within a second or two.
 * @throws CommandError where there is no configuration that can be read, or where it changed meanwhile
 */
async function replaceAdminKey(dataDir: string, adminKey: string): Promise<void> {
  const file = path.join(dataDir, "config.json");
  const text = await readText(file);
  if (text === null) throw new CommandError(`There is no ${file}: the first start makes it, with a key.`);
  const parsed = document.safeParse(parseJson(text));
  if (!parsed.success) throw new CommandError(`${file} is no JSON object: mend it first.`);
  const next = `${JSON.stringify({ ...parsed.data, admin_key: adminKey }, null, 2)}\n`;
  if (!(await replaceFile(file, next, text)))
    throw new CommandError(`${file} was changed at the same moment. Try again.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
