/** The end of a user. */
import { adminEmail } from "../data/admin.ts";
import type { Database } from "../data/types.ts";
import { GatewayError } from "../errors.ts";
import { causeOf, type InTurn, known } from "./account-changes.ts";
import type { Directory } from "./directory.ts";
import type { Account, Accounts } from "./types.ts";

interface Settlements {
  readonly storageOk: boolean;
  flush(): Promise<void>;
}

/** The part of `Accounts` that deletes. */
export function accountDeletion(
  database: Pick<Database, "deletedUsers" | "eraseTraces">,
  directory: Directory,
  inTurn: InTurn,
  settlements: Settlements,
): Pick<Accounts, "deleteUser"> {
  return {
    deleteUser: (id, isBusy, actor) =>
      inTurn(async () => {
        const account = known(directory.account(id), `user ${id}`);
        refuseNeeded(account, directory);
        if (!settlements.storageOk)
          throw new GatewayError(
            "storage_unavailable",
            "Nothing can be written at the moment: is the disk full?",
          );
        if (isBusy())
          throw new GatewayError(
            "conflict",
            `Requests of user ${id} are under way. Disable the user, wait for them to end, and try again.`,
          );
        const { active } = account;
        // In the same step, so that no further request is admitted.
        account.active = false;
        try {
          await settlements.flush(); // What was charged has to be in the ledger before its rest is written off.
          await database.deletedUsers.remove(id, causeOf(actor));
        } catch (error) {
          account.active = active;
          throw error;
        }
        directory.remove(id);
        return database.eraseTraces();
      }),
  };
}

/** @throws GatewayError 409 for an admin without whom nobody could get in, or who would be back at the next start */
function refuseNeeded(account: Account, directory: Directory): void {
  if (account.email === adminEmail)
    throw new GatewayError(
      "conflict",
      "This admin belongs to `admin_key` of the configuration: it has to stay.",
    );
  const others = directory
    .list()
    .filter(({ id, tier, active }) => id !== account.id && tier === "admin" && active);
  if (account.tier === "admin" && others.length === 0)
    throw new GatewayError("conflict", "This is the last active admin. Make somebody else one first.");
}
