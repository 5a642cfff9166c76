/**
 * One call that succeeds for each operation of the admin API that changes something: by it app/admin/api/audit.test.ts
 * sees whether it leaves an entry in the audit log. A new operation gets its call here.
 */
import type { AdminServices } from "./services.ts";

/** What the call carries. */
export interface SuccessfulCall {
  params?: Record<string, string>;
  body?: unknown;
}

/** Sets up what the call needs, and says what to send. */
type Prepare = (services: AdminServices) => SuccessfulCall | Promise<SuccessfulCall>;

let next = 1;
const email = () => `audited-${next++}@example.org`;
const idOf = ({ id }: { id: number }) => ({ id: String(id) });
const loaded = async ({ slots }: AdminServices, slot: number) => {
  await slots.load(slot, { model_path: "m.gguf" });
  return { params: { slot: String(slot) } };
};

/** The id of a new sign-up. */
async function pendingSignup({ database: { signups } }: AdminServices): Promise<Record<string, string>> {
  await signups.submit({ email: email(), tier: "payg", message: "", userId: null }, 1000, Date.now());
  const [signup] = await signups.list("pending", null, 1);
  return { id: String(signup?.id) };
}

/** By the names of the operations. */
export const successfulCalls: Readonly<Record<string, Prepare>> = {
  loadModel: () => ({ body: { slot: 4801, model_path: "m.gguf" } }),
  unloadSlot: (services) => loaded(services, 4802),
  restartSlot: (services) => loaded(services, 4803),
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
  changeConfig: () => ({ body: { retention_days: 7 + next++ } }),
  createBackup: () => ({}),
  deleteBackup: async ({ backups }) => ({ params: { name: (await backups.create()).name } }),
};
