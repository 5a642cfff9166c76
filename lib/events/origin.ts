/** Which pages may open a socket: browsers let any page try, and send along who its user is. */

/**
 * True for a page of the gateway's own, and for programs, which name no origin.
 * @param origin the header of that name, and `host` the one of that name
 * @param publicUrl the address that others reach the gateway by; null where none is configured
 */
export function isOwnOrigin(
  { origin, host }: { origin?: string | undefined; host?: string | undefined },
  publicUrl: string | null,
): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false; // As `null`, of a page in a sandbox.
  const page = new URL(origin);
  if (publicUrl !== null && page.origin === new URL(publicUrl).origin) return true;
  // A proxy may have taken the encryption off, so the scheme tells nothing.
  return host !== undefined && page.host === hostOf(host, page.protocol);
}

/** Without the port where that is the scheme's own, as origins have it. */
function hostOf(host: string, protocol: string): string | null {
  const address = `${protocol}//${host}`;
  return URL.canParse(address) ? new URL(address).host : null;
}
