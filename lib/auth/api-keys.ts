/** API keys: made here, recognised by their SHA-256, kept nowhere. */
import { hash, randomBytes } from "node:crypto";

/** Characters of a key that are kept to recognise it by. */
const prefixLength = 8;

/** A new key: `sk-` and 48 hexadecimal digits (192 random bits). */
export function generateApiKey(): string {
  return `sk-${randomBytes(24).toString("hex")}`;
}

/** True for `sk-` and 17 or more printable characters: what `admin_key` may be too. */
export function isWellFormedApiKey(key: string): boolean {
  return /^sk-[\x21-\x7e]{17,}$/.test(key);
}

/** SHA-256 in hexadecimal. A random key needs no salt and no slow hash. */
export function hashApiKey(key: string): string {
  return hash("sha256", key, "hex");
}

/** The key's first characters. */
export function apiKeyPrefix(key: string): string {
  return key.slice(0, prefixLength);
}
