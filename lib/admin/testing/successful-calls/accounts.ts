/** Users, their keys and money, sign-ups, the configuration and backups. */
import type { AdminServices } from "../services.ts";
import { newName, type SuccessfulCalls } from "./call.ts";

const email = () => `${newName()}@example.org`;
const idOf = ({ id }: { id: number }) => ({ id: String(id) });

/** The id of a new sign-up. */
async function pendingSignup({ database: { signups } }: AdminServices): Promise<Record<string, string>> {
  await signups.submit({ email: email(), tier: "payg", message: "", userId: null }, 1000, Date.now());
  const [signup] = await signups.list("pending", null, 1);
  return { id: String(signup?.id) };
}

export const accountCalls: SuccessfulCalls = {
  createUser: () => ({ body: { email: email(), balance: 1 } }),
  changeUser: async (services) => ({
    params: idOf(await services.createUser(email())),
    body: { tier: "sub" },
  }),
  deleteUser: async (services) => {
    const confirm = email();
    return { params: idOf(await services.createUser(confirm)), body: { confirm } };
  },
  createTransaction: async (services) => ({
    params: idOf(await services.createUser(email())),
    body: { kind: "top_up", amount: 1, reason: "Paid" },
  }),
  createKey: async (services) => ({ params: idOf(await services.createUser(email())) }),
  deleteKey: async (services) => {
    const { id } = await services.createUser(email());
    const [key] = services.accounts.keysOf(id);
    return { params: { id: String(key?.id) } };
  },
  approveSignup: async (services) => ({ params: await pendingSignup(services), body: { balance: 1 } }),
  rejectSignup: async (services) => ({ params: await pendingSignup(services) }),
  changeConfig: ({ config }) => ({ body: { retention_days: config.current.retention_days + 1 } }),
  createBackup: () => ({}),
  deleteBackup: async ({ backups }) => ({ params: { name: (await backups.create()).name } }),
};
