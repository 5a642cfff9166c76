/** Users and their balances. */
import type { Command } from "commander";
import { createdUserReply, type UserWithKeysReply, userReply } from "../../lib/admin/schemas.ts";
import { tiers } from "../../lib/money/types.ts";
import { userListAnswer } from "../../lib/openapi/answers/admin.ts";
import { CommandError } from "../command-error.ts";
import { Gateway, type GatewayAddress } from "../gateway.ts";
import { dollars, oneOf } from "../option-values.ts";
import { print, table } from "../output.ts";

interface UserOptions {
  tier?: string;
  balance?: number;
  reason?: string;
  active?: boolean;
}

/** `user add`, `user list` and `user set`. */
export function addUserCommands(program: Command): void {
  const user = program.command("user").description("users and their balances");
  const tier = oneOf(tiers);
  user
    .command("add <email>")
    .description("create a user, and show its key this once")
    .option("--tier <tier>", `${tiers.join(", ")} (default: payg)`, tier)
    .option("--balance <dollars>", "what it starts with", dollars)
    .option("--reason <text>", "kept in the ledger and the audit log")
    .action(async (email: string, { tier, balance, reason }: UserOptions, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const body = { email, tier, balance, reason };
      const created = await gateway.send("POST", "/admin/api/users", body, createdUserReply);
      const { id, api_key } = created;
      print(command, created, `User ${id}, ${email}. Its API key, shown this once:\n${api_key}`);
    });
  user
    .command("list")
    .description("all users")
    .action(async (_options, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const users = await allUsers(gateway);
      print(command, { data: users }, userTable(users));
    });
  user
    .command("set <user>")
    .description("change a user: named by id or address")
    .option("--tier <tier>", tiers.join(", "), tier)
    .option("--balance <dollars>", "the new balance; the difference becomes a ledger row", dollars)
    .option("--active", "may ask again")
    .option("--no-active", "may not ask any more")
    .option("--reason <text>", "kept in the ledger and the audit log")
    .action(async (named: string, { tier, balance, active, reason }: UserOptions, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const { id } = await findUser(gateway, named);
      const body = { tier, balance, active, reason };
      const changed = await gateway.send("PATCH", `/admin/api/users/${id}`, body, userReply);
      print(command, changed, userTable([changed]));
    });
}

export async function allUsers(gateway: Gateway): Promise<UserWithKeysReply[]> {
  const users: UserWithKeysReply[] = [];
  for (;;) {
    const after = users.at(-1)?.id;
    const page = await gateway.get(`/admin/api/users${after ? `?after=${after}` : ""}`, userListAnswer);
    users.push(...page.data);
    if (!page.has_more || page.data.length === 0) return users;
  }
}

/** The user of this id or address. @throws CommandError where there is none */
export async function findUser(gateway: Gateway, named: string): Promise<UserWithKeysReply> {
  const users = await allUsers(gateway);
  const found = users.find(
    ({ id, email }) => String(id) === named || email.toLowerCase() === named.toLowerCase(),
  );
  if (found) return found;
  throw new CommandError(`There is no user '${named}'. \`user list\` shows them.`);
}

function userTable(users: readonly Omit<UserWithKeysReply, "api_keys">[]): string {
  return table(users, [
    { heading: "ID", value: ({ id }) => id, align: "right" },
    { heading: "E-MAIL", value: ({ email }) => email },
    { heading: "TIER", value: ({ tier }) => tier },
    { heading: "BALANCE $", value: ({ balance }) => balance, align: "right" },
    { heading: "ACTIVE", value: ({ active }) => (active ? "yes" : "no") },
    { heading: "SINCE", value: ({ created_at }) => created_at.slice(0, "2026-11-26".length) },
  ]);
}
