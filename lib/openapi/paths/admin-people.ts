/** The admin API: single users, their data, and the audit log. */
import { auditList, auditQuery, deletedUser, deleteUser, userExport } from "../../admin/schemas/people.ts";
import { idParams, userWithKeysReply } from "../../admin/schemas.ts";
import type { Operation } from "../operation.ts";
import { act, bodyRefusals, keyRefusals, look } from "./admin.ts";

export const peopleOperations: readonly Operation[] = [
  {
    ...look,
    path: "/admin/api/users/{id}",
    id: "getUser",
    group: "Users",
    summary: "Look up a user",
    description: "With the keys that are still good, never the keys themselves.",
    params: idParams,
    answers: [
      { status: 200, description: "The user", schema: { name: "UserWithKeys", schema: userWithKeysReply } },
    ],
    refusals: [...keyRefusals, 404],
  },
  {
    ...act,
    method: "delete",
    path: "/admin/api/users/{id}",
    id: "deleteUser",
    group: "Users",
    summary: "Delete a user",
    description:
      "For good. Keys and sessions end, whatever names the person is removed, and the balance is written off; sums of usage and money stay, without a name. It cannot be done while requests of the user are under way, nor to the last admin.",
    params: idParams,
    body: { name: "DeleteUserRequest", schema: deleteUser, example: { confirm: "ann@example.com" } },
    answers: [
      { status: 200, description: "The user is gone", schema: { name: "DeletedUser", schema: deletedUser } },
    ],
    refusals: [...bodyRefusals, 404, 409],
  },
  {
    ...look,
    path: "/admin/api/users/{id}/export",
    id: "exportUser",
    group: "Users",
    summary: "Export a user's data",
    description:
      "All that is kept about the user, as one file. What is said of it here are its parts, in their order.",
    params: idParams,
    answers: [{ status: 200, description: "The data", schema: { name: "UserExport", schema: userExport } }],
    refusals: [...keyRefusals, 404],
  },
  {
    ...look,
    path: "/admin/api/audit",
    id: "listAudit",
    group: "Users",
    summary: "Read the audit log",
    description: "What admins, and the gateway itself, have changed: the newest first.",
    query: auditQuery,
    answers: [{ status: 200, description: "The entries", schema: { name: "AuditList", schema: auditList } }],
  },
];
