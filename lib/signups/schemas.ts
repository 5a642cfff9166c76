/** Sign-ups on the wire. */
import { z } from "zod";
import { createUser, userReply } from "../admin/schemas.ts";
import { dollars } from "../config/schema/values.ts";
import { signupStatuses } from "../data/signups.ts";
import { tiers } from "../money/types.ts";

/** Nobody asks to be an admin. */
const askedTier = z.enum(["payg", "sub"]);
const message = z.string().max(2000).default("").describe("Shown to the admins as text");

export const signupRequest = z.strictObject({
  email: createUser.shape.email,
  tier: askedTier.default("payg"),
  message,
});

export const upgradeRequest = z.strictObject({ tier: askedTier, message });

export const signupAnswer = z.object({ status: z.literal("pending"), message: z.string() });

export const signupsQuery = z.strictObject({
  status: z.enum(signupStatuses).optional().describe("Any if absent"),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, "must be a number from 1 to 999")
    .transform(Number)
    .default(100),
  before: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, "must be a number")
    .transform(Number)
    .optional()
    .describe("Only those older than the sign-up of this id"),
});

export const approveSignup = z.strictObject({
  balance: dollars
    .optional()
    .describe(
      "Dollars of the balance. If absent: signup.start_balance of the config, or else the tier's start_balance; a request for another tier leaves the balance as it is",
    ),
  tier: z.enum(tiers).optional().describe("Instead of the one that was asked for"),
});

export const rejectSignup = z.strictObject({
  reason: z.string().max(500).optional().describe("Kept in the audit log"),
});

export const signupReply = z.object({
  id: z.int(),
  email: z.string(),
  tier: z.enum(tiers).describe("What is asked for"),
  message: z.string().describe("As it was sent: text, never to be shown as HTML"),
  user_id: z.int().nullable().describe("The user that asks for another tier, or that came of it"),
  status: z.enum(signupStatuses),
  created_at: z.iso.datetime(),
  decided_at: z.iso.datetime().nullable(),
  decided_by: z.int().nullable().describe("The admin's id"),
});

export const signupList = z.object({ data: z.array(signupReply) });

export const approvedSignup = z.object({
  id: z.int(),
  status: z.literal("approved"),
  user: userReply,
  api_key: z.string().nullable().describe("The new user's, shown this once; null for a change of tier"),
  invitation: z
    .object({
      url: z.string().describe("Lets the user set a password, once; shown this once"),
      expires_at: z.iso.datetime(),
    })
    .nullable()
    .describe("null for a change of tier"),
});

export const rejectedSignup = z.object({ id: z.int(), status: z.literal("rejected") });

export type SignupRequest = z.infer<typeof signupRequest>;
export type UpgradeRequest = z.infer<typeof upgradeRequest>;
export type SignupAnswer = z.infer<typeof signupAnswer>;
export type ApproveSignup = z.infer<typeof approveSignup>;
export type SignupReply = z.infer<typeof signupReply>;
export type ApprovedSignup = z.infer<typeof approvedSignup>;
