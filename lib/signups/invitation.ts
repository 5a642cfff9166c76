/** Invitations: a link that lets a new user set a password, once. */
import { hash, randomBytes } from "node:crypto";
import { isFromTrustedProxy } from "../client-address.ts";
import type { Config } from "../config/schema.ts";
import { msPerDay } from "../data/daily-usage.ts";
import type { NewInvitationRow } from "../data/invitations.ts";

const validDays = 7;

export interface Invitation {
  /** 256 random bits; shown once, and kept nowhere. */
  token: string;
  row: NewInvitationRow;
}

export function newInvitation(nowMs: number): Invitation {
  const token = randomBytes(32).toString("base64url");
  return { token, row: { hash: invitationHash(token), expiresAtMs: nowMs + validDays * msPerDay } };
}

/** What an invitation is found by. A random token needs no salt and no slow hash. */
export function invitationHash(token: string): string {
  return hash("sha256", token, "hex");
}

/**
 * The link. The token stands behind `#`, which browsers send to nobody: no log and no Referer has it.
 * @param headers of the admin's request, for its Host where the config has no `public_url`
 */
export function invitationUrl(token: string, headers: Headers, config: Config): string {
  const base = config.public_url ?? ownAddress(headers, config);
  return `${base.replace(/\/+$/, "")}/invitation#${token}`;
}

function ownAddress(headers: Headers, { trusted_proxies, tls }: Config): string {
  const isProxied = isFromTrustedProxy(headers, trusted_proxies);
  const isSecure = isProxied ? headers.get("x-forwarded-proto") === "https" : tls !== null;
  const host = (isProxied && headers.get("x-forwarded-host")) || headers.get("host") || "localhost";
  return `${isSecure ? "https" : "http"}://${host}`;
}
