/** Secrets as the admin API shows them, and their way back. */
import { isJsonObject } from "./merge-patch.ts";
import { mapSecrets } from "./outline.ts";

const suffix = "…(masked)";
const shownCharacters = 7;

/** A secret that can be told from others and not be used: `sk-abcd…(masked)`. Only keys show a part of themselves. */
export function maskSecret(secret: string): string {
  const isKey = /^[a-z]{2,4}[-_]/.test(secret) && secret.length >= 20;
  return (isKey ? secret.slice(0, shownCharacters) : "") + suffix;
}

/** A copy of a configuration with its secrets masked. */
export function maskSecrets(config: unknown): unknown {
  return mapSecrets(config, maskSecret);
}

/** A copy in which masked secrets are what they were before; one that was not there stays away. */
export function restoreSecrets(config: unknown, before: unknown): unknown {
  return mapSecrets(config, (secret, path) => {
    if (!secret.endsWith(suffix)) return secret;
    const known = valueAt(before, path);
    return typeof known === "string" ? known : undefined;
  });
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (!isJsonObject(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}
