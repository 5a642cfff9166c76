/** A configuration that lives in memory, for tests. */
import { mergePatch } from "../../../lib/config/merge-patch.ts";
import { type Config, configSchema } from "../../../lib/config/schema.ts";
import type { ConfigStore } from "../../../lib/config/types.ts";
import type { LoadRequest } from "../../../lib/slots/types.ts";

export class MemoryConfig implements ConfigStore {
  current: Config;
  readonly slotPorts: readonly number[];
  readonly #listeners = new Set<(next: Config, previous: Config) => void>();

  constructor(slots: Record<number, LoadRequest | null>, rest: Record<string, unknown> = {}) {
    this.current = configSchema.parse({
      slots,
      admin_key: "sk-test-test-test-test-test",
      session_secret: "0123456789abcdef0123456789abcdef",
      default_threads: 1,
      default_ctx_size: 512,
      ...rest,
    });
    this.slotPorts = Object.keys(slots).map(Number);
  }

  onChange(listener: (next: Config, previous: Config) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async setSlot(port: number, wish: LoadRequest | null): Promise<void> {
    await this.#replace({ ...this.current, slots: { ...this.current.slots, [port]: wish } });
  }

  patch(patch: unknown): Promise<Config> {
    return this.#replace(mergePatch(this.current, patch));
  }

  async #replace(next: unknown): Promise<Config> {
    const previous = this.current;
    this.current = configSchema.parse(next);
    for (const listener of this.#listeners) listener(this.current, previous);
    return this.current;
  }

  masked(): unknown {
    return this.current;
  }

  close(): void {
    this.#listeners.clear();
  }
}
