/** The admin API: users and their keys. */
import { usersQuery } from "../../admin/schemas/people.ts";
import {
  changeUser,
  createdKeyReply,
  createdUserReply,
  createKey,
  createTransaction,
  createUser,
  idParams,
  transactionsQuery,
  userReply,
} from "../../admin/schemas.ts";
import { deletedKeyAnswer, transactionListAnswer, userListAnswer } from "../answers/admin.ts";
import type { Operation } from "../operation.ts";
import { act, bodyRefusals, keyRefusals, look } from "./admin.ts";

export const userOperations: readonly Operation[] = [
  {
    ...look,
    path: "/admin/api/users",
    id: "listUsers",
    group: "Users",
    summary: "List the users",
    description: "With the keys that are still good, never the keys themselves. Deleted users are left out.",
    query: usersQuery,
    answers: [
      { status: 200, description: "The users", schema: { name: "UserList", schema: userListAnswer } },
    ],
  },
  {
    ...act,
    path: "/admin/api/users",
    id: "createUser",
    group: "Users",
    summary: "Create a user",
    description: "The answer holds the user's first key, which is shown this once.",
    body: {
      name: "CreateUserRequest",
      schema: createUser,
      example: { email: "ann@example.com", tier: "payg", balance: 5 },
    },
    answers: [
      { status: 200, description: "The user", schema: { name: "CreatedUser", schema: createdUserReply } },
    ],
    refusals: [...bodyRefusals, 409],
  },
  {
    ...act,
    method: "patch",
    path: "/admin/api/users/{id}",
    id: "changeUser",
    group: "Users",
    summary: "Change a user",
    description: "A new balance is a ledger row with its reason; an admin cannot end the own account.",
    params: idParams,
    body: { name: "ChangeUserRequest", schema: changeUser, example: { balance: 10, reason: "Paid" } },
    answers: [{ status: 200, description: "The user", schema: { name: "User", schema: userReply } }],
    refusals: [...bodyRefusals, 404, 409],
  },
  {
    ...look,
    path: "/admin/api/users/{id}/transactions",
    id: "listTransactions",
    group: "Users",
    summary: "List a user's transactions",
    description: "What changed the balance, the newest first.",
    params: idParams,
    query: transactionsQuery,
    answers: [
      {
        status: 200,
        description: "The transactions",
        schema: { name: "TransactionList", schema: transactionListAnswer },
      },
    ],
    refusals: [...keyRefusals, 404],
  },
  {
    ...act,
    path: "/admin/api/users/{id}/transactions",
    id: "createTransaction",
    group: "Users",
    summary: "Change a balance",
    description: "A top-up, a refund or a correction, with its reason.",
    params: idParams,
    body: {
      name: "TransactionRequest",
      schema: createTransaction,
      example: { kind: "top_up", amount: 5, reason: "Paid" },
    },
    answers: [{ status: 201, description: "The user", schema: { name: "User", schema: userReply } }],
    refusals: [...bodyRefusals, 404, 409],
  },
  {
    ...act,
    path: "/admin/api/users/{id}/apikey",
    id: "createKey",
    group: "Users",
    summary: "Create a key",
    description: "The key is shown this once.",
    params: idParams,
    body: { name: "CreateKeyRequest", schema: createKey, example: { name: "laptop" }, isOptional: true },
    answers: [
      { status: 200, description: "The key", schema: { name: "CreatedKey", schema: createdKeyReply } },
    ],
    refusals: [...bodyRefusals, 404],
  },
  {
    ...act,
    method: "delete",
    path: "/admin/api/apikeys/{id}",
    id: "deleteKey",
    group: "Users",
    summary: "Revoke a key",
    description: "It ends at once; the key that the request is made with cannot be revoked.",
    params: idParams,
    answers: [
      {
        status: 200,
        description: "It is revoked",
        schema: { name: "DeletedKey", schema: deletedKeyAnswer },
      },
    ],
    refusals: [...keyRefusals, 404, 409],
  },
];
