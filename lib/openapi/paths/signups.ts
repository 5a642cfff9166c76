/** Asking for an account or another tier, and deciding on it. */
import { idParams } from "../../admin/schemas.ts";
import {
  approvedSignup,
  approveSignup,
  rejectedSignup,
  rejectSignup,
  signupAnswer,
  signupList,
  signupRequest,
  signupsQuery,
  upgradeRequest,
} from "../../signups/schemas.ts";
import type { Operation } from "../operation.ts";
import { act, bodyRefusals, look } from "./admin.ts";

const group = "Sign-ups";
const pending = {
  status: 200,
  description: "It waits for a decision",
  schema: { name: "PendingSignup", schema: signupAnswer },
};

export const signupOperations: readonly Operation[] = [
  {
    ...act,
    access: "public",
    path: "/api/signup",
    id: "signUp",
    group,
    summary: "Ask for an account",
    description: "An admin decides on it. An address that has an account, or has asked already, is told so.",
    body: {
      name: "SignupRequest",
      schema: signupRequest,
      example: { email: "ann@example.com", tier: "payg", message: "For the reading group." },
    },
    answers: [pending],
    refusals: [403, 413, 415, 429],
  },
  {
    ...act,
    access: "key",
    path: "/user/api/upgrade",
    id: "askForTier",
    group,
    summary: "Ask for another tier",
    description: "For the user of the key. It lands with the sign-ups.",
    body: { name: "UpgradeRequest", schema: upgradeRequest, example: { tier: "sub" } },
    answers: [pending],
    refusals: [...bodyRefusals, 429],
  },
  {
    ...look,
    path: "/admin/api/signups",
    id: "listSignups",
    group,
    summary: "List the sign-ups",
    description: "The newest first; requests of users for another tier have their `user_id`.",
    query: signupsQuery,
    answers: [
      { status: 200, description: "The sign-ups", schema: { name: "SignupList", schema: signupList } },
    ],
  },
  {
    ...act,
    path: "/admin/api/signups/{id}/approve",
    id: "approveSignup",
    group,
    summary: "Approve a sign-up",
    description:
      "Creates the user with a key and an invitation, each shown this once, or changes the tier of the user who asks. Where the balance would be nothing, it has to be said.",
    params: idParams,
    body: { name: "ApproveSignupRequest", schema: approveSignup, example: { balance: 5 }, isOptional: true },
    answers: [
      {
        status: 200,
        description: "It is approved",
        schema: { name: "ApprovedSignup", schema: approvedSignup },
      },
    ],
    refusals: [...bodyRefusals, 404, 409],
  },
  {
    ...act,
    path: "/admin/api/signups/{id}/reject",
    id: "rejectSignup",
    group,
    summary: "Reject a sign-up",
    description: "The address may ask again.",
    params: idParams,
    body: {
      name: "RejectSignupRequest",
      schema: rejectSignup,
      example: { reason: "Nobody knows them" },
      isOptional: true,
    },
    answers: [
      {
        status: 200,
        description: "It is rejected",
        schema: { name: "RejectedSignup", schema: rejectedSignup },
      },
    ],
    refusals: [...bodyRefusals, 404, 409],
  },
];
