/** A request that its client named by an `Idempotency-Key`, to be told from another one of the same name. */
import { createHash } from "node:crypto";
import { GatewayError } from "../../errors.ts";

const maxNameLength = 255;

export class NamedRequest {
  readonly nameHash: Buffer;
  readonly #content = createHash("sha256");
  #requestHash: Buffer | null = null;

  constructor(
    readonly keyId: number,
    name: string,
    endpointName: string,
  ) {
    this.nameHash = createHash("sha256").update(name).digest();
    this.add(endpointName);
  }

  /** Takes a part of what the request says. */
  add(part: string | Uint8Array): void {
    this.#content.update(`${part.length}:`).update(part);
  }

  /** Of all parts; none can be added afterwards. */
  get requestHash(): Buffer {
    this.#requestHash ??= this.#content.digest();
    return this.#requestHash;
  }
}

/**
 * The request with its name, or null where its client gave none, as for nearly all.
 * @throws GatewayError 400 when the name is empty or too long
 */
export function namedRequest(request: Request, keyId: number, endpointName: string): NamedRequest | null {
  const name = request.headers.get("idempotency-key");
  if (name === null) return null;
  if (name.length < 1 || name.length > maxNameLength)
    throw new GatewayError(
      "invalid_request",
      `An \`Idempotency-Key\` must have 1 to ${maxNameLength} characters.`,
    );
  return new NamedRequest(keyId, name, endpointName);
}
