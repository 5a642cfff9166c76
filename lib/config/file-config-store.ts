/** The configuration in force: hot-reloaded, and changed without ever losing anybody's change. */
import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import { GatewayError, isGatewayError } from "../errors.ts";
import type { LoadRequest } from "../slots/types.ts";
import { changedPaths } from "./changed-paths.ts";
import {
  type CheckedDocument,
  checkDocument,
  type DocumentRules,
  formatDocument,
  parseDocument,
} from "./document.ts";
import { isJsonObject, type JsonObject, mergePatch } from "./merge-patch.ts";
import { readText, replaceFile } from "./replace-file.ts";
import type { Config } from "./schema.ts";
import { maskSecrets, restoreSecrets } from "./secrets.ts";
import type { ConfigStore } from "./types.ts";
import { watchFile } from "./watch-file.ts";

export type ConfigLog = Pick<Logger, "info" | "warn" | "error">;

/** How often a change is tried anew when the file is edited by hand at the same moment. */
const maxAttempts = 10;

export class FileConfigStore implements ConfigStore {
  /** True where this start generated the admin key: it can be shown once. */
  readonly isNew: boolean;
  readonly slotPorts: readonly number[];
  readonly #file: string;
  readonly #rules: DocumentRules;
  readonly #log: ConfigLog;
  readonly #listeners = new Set<(next: Config, previous: Config) => void>();
  readonly #stopWatching: () => void;
  #current: Config;
  #document: JsonObject;
  /** The file's text when it was last read or written, good or not. */
  #text: string;
  /** Reads and writes happen one after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(file: string, rules: DocumentRules, log: ConfigLog, checked: CheckedDocument, text: string) {
    this.isNew = checked.generated.includes("admin_key");
    this.slotPorts = rules.slotPorts;
    this.#file = file;
    this.#rules = rules;
    this.#log = log;
    this.#current = freeze(checked.config);
    this.#document = checked.document;
    this.#text = text;
    this.#stopWatching = watchFile(file, () =>
      this.#enqueue(() => this.#reload()).catch((error) => log.error(error, `${file} cannot be read.`)),
    );
  }

  get current(): Config {
    return this.#current;
  }

  onChange(listener: (next: Config, previous: Config) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  patch(patch: unknown): Promise<Config> {
    return this.#enqueue(() => this.#change((document) => mergePatch(document, patch)));
  }

  async setSlot(port: number, wish: LoadRequest | null): Promise<void> {
    await this.#enqueue(() =>
      this.#change((document) => ({
        ...document,
        slots: { ...(isJsonObject(document.slots) ? document.slots : {}), [port]: wish },
      })),
    );
  }

  masked(): unknown {
    return maskSecrets(this.#current);
  }

  close(): void {
    this.#stopWatching();
  }

  #enqueue<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(task);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Reads, edits, checks and writes; begins anew when the file was edited in between. */
  async #change(edit: (document: JsonObject) => unknown): Promise<Config> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const text = await readText(this.#file);
      const before = text === null ? this.#document : this.#mustBeGood(text).document;
      const checked = checkDocument(restoreSecrets(edit(before), before), this.#rules);
      this.#refuseAdminKey(checked.document, before);
      const written = formatDocument(checked.document);
      if (!(await this.#write(written, text))) continue;
      this.#adopt(checked, written);
      return this.#current;
    }
    throw new GatewayError("conflict", "The configuration is being edited by hand. Try again in a moment.");
  }

  /** A file that is wrong on disk is somebody's unfinished edit: it is neither built upon nor overwritten. */
  #mustBeGood(text: string): CheckedDocument {
    try {
      return checkDocument(parseDocument(text), this.#rules);
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      throw new GatewayError(
        "conflict",
        `config.json was edited by hand and is wrong now. Mend it first. ${error.message}`,
      );
    }
  }

  #refuseAdminKey(document: JsonObject, before: JsonObject): void {
    if (this.#rules.adminKey === undefined || document.admin_key === before.admin_key) return;
    throw new GatewayError(
      "invalid_request",
      "`admin_key` is set by GATEWAY_ADMIN_KEY: change it there and restart the gateway.",
      { param: "admin_key" },
    );
  }

  async #write(text: string, expected: string | null): Promise<boolean> {
    if (text === expected) return true;
    try {
      return await replaceFile(this.#file, text, expected);
    } catch (error) {
      throw new GatewayError(
        "storage_unavailable",
        "The configuration cannot be written: its disk is full or unavailable. Nothing was changed.",
        { cause: error },
      );
    }
  }

  /** After the file changed on disk: by hand, or by ourselves, which changes nothing. */
  async #reload(): Promise<void> {
    const text = await readText(this.#file);
    if (text === null || text === this.#text) return;
    this.#text = text;
    let checked: CheckedDocument;
    try {
      checked = checkDocument(parseDocument(text), this.#rules);
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      this.#log.error(`${this.#file} is wrong, so what was in force stays in force. ${error.message}`);
      return;
    }
    const previous = this.#current;
    const written = checked.generated.length > 0 ? formatDocument(checked.document) : text;
    // Where it was edited again in between, the next call sees that.
    if (!(await this.#write(written, text))) return;
    this.#adopt(checked, written);
    const changed = changedPaths(this.#current, previous).map((keys) => keys.join("."));
    this.#log.info({ changed }, `${this.#file} was read anew.`);
  }

  #adopt({ config, document }: CheckedDocument, text: string): void {
    this.#text = text;
    this.#document = document;
    if (isDeepStrictEqual(config, this.#current)) return;
    const previous = this.#current;
    this.#current = freeze(config);
    for (const listener of this.#listeners) {
      try {
        listener(this.#current, previous);
      } catch (error) {
        this.#log.error(error, "A change of the configuration could not be applied everywhere.");
      }
    }
  }
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
