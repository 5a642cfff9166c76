/** The configuration as the rest of the program uses it; schema.ts says what may stand in the file. */
import type { LoadRequest } from "../slots/types.ts";
import type { Config } from "./schema.ts";

/** `data/config.json`: validated, hot-reloaded, written atomically. */
export interface ConfigStore {
  /** The last good configuration. Frozen; replaced as a whole, so it can be compared by identity. */
  readonly current: Config;
  /** The keys of `slots`, ascending: the seven ports. */
  readonly slotPorts: readonly number[];
  /** Told after each change that took effect, from a patch or from the file. Returns a function that stops it. */
  onChange(listener: (next: Config, previous: Config) => void): () => void;
  /**
   * Merges a patch (RFC 7396: `null` deletes), validates the whole, writes it and puts it in force.
   * Masked secrets in the patch change nothing.
   * @throws GatewayError 400 with the path of the wrong value as `param`; 409 while the file on disk is wrong, as
   * after an edit by hand; 503 when it cannot be written
   */
  patch(patch: unknown): Promise<Config>;
  /** Writes the operator's wish for one slot, instead of the one before. Throws as `patch` does. */
  setSlot(port: number, wish: LoadRequest | null): Promise<void>;
  /** The configuration with every secret masked, for the admin API. */
  masked(): unknown;
  /** Stops watching the file. */
  close(): void;
}
