/** The running gateway, as the command line asks it: the admin API, with the key that the operator's own files hold. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { z } from "zod";
import { readEnvironment } from "../lib/env.ts";
import { CommandError } from "./command-error.ts";
import { type Answered, newEndlessFetch } from "./endless-fetch.ts";

export interface GatewayAddress {
  /** As `http://127.0.0.1:4000`; absent: on this machine, at `PORT`. */
  url?: string | undefined;
}

/** How long an answer may take. `fetch` gives up after five minutes without its first byte. */
type Patience = "minutes" | "endless";

export class Gateway {
  readonly #origin: string;
  readonly #key: string;

  private constructor(origin: string, key: string) {
    this.#origin = origin;
    this.#key = key;
  }

  /**
   * The gateway at this address. Nothing is asked yet.
   * @throws CommandError where neither `GATEWAY_ADMIN_KEY` nor the configuration has a key
   */
  static async at({ url }: GatewayAddress): Promise<Gateway> {
    const environment = readEnvironment(process.env);
    const origin = url ?? `http://127.0.0.1:${environment.port}`;
    const key = environment.adminKey ?? (await keyInConfig(environment.dataDir));
    return new Gateway(origin.replace(/\/+$/, ""), key);
  }

  get origin(): string {
    return this.#origin;
  }

  /**
   * What stands there.
   * @param also statuses of answers that are no refusals, besides those below 300
   * @throws CommandError with the gateway's own words
   */
  get<Answer>(pathname: string, schema: z.ZodType<Answer>, also: readonly number[] = []): Promise<Answer> {
    return this.#ask("GET", pathname, undefined, schema, also);
  }

  /**
   * The answer to an action.
   * @param patience "endless" where the work's length depends on the data, and its answer is needed to go on
   * @throws CommandError with the gateway's own words
   */
  send<Answer>(
    method: "POST" | "PUT" | "PATCH" | "DELETE",
    pathname: string,
    body: object,
    schema: z.ZodType<Answer>,
    patience: Patience = "minutes",
  ): Promise<Answer> {
    return this.#ask(method, pathname, JSON.stringify(body), schema, [], patience);
  }

  /** An answer that is a file. @throws CommandError with the gateway's own words */
  async open(pathname: string): Promise<Readable> {
    const response = await this.#fetch("GET", pathname, undefined);
    if (!response.ok || !response.body) throw await refusal(response);
    return Readable.fromWeb(response.body as import("node:stream/web").ReadableStream);
  }

  /** What a WebSocket's handshake needs besides its address. */
  get headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#key}` };
  }

  async #ask<Answer>(
    method: string,
    pathname: string,
    body: string | undefined,
    schema: z.ZodType<Answer>,
    also: readonly number[],
    patience: Patience = "minutes",
  ): Promise<Answer> {
    const response = await this.#fetch(method, pathname, body, patience);
    if (!response.ok && !also.includes(response.status)) throw await refusal(response);
    const parsed = schema.safeParse(await response.json());
    if (parsed.success) return parsed.data;
    throw new CommandError(
      `${this.#origin} gave an answer that this version does not understand: is it another version?`,
    );
  }

  async #fetch(
    method: string,
    pathname: string,
    body: string | undefined,
    patience: Patience = "minutes",
  ): Promise<Answered> {
    const headers = { ...this.headers, ...(body !== undefined && { "content-type": "application/json" }) };
    try {
      const send = patience === "endless" ? await newEndlessFetch() : fetch;
      return await send(this.#origin + pathname, { method, headers, body });
    } catch (error) {
      const code = codeOf(error);
      if (code === "UND_ERR_HEADERS_TIMEOUT")
        throw new CommandError("The gateway is still at it. Look again with `status`.", { cause: error });
      throw new CommandError(
        `No gateway answers at ${this.#origin}${code ? ` (${code})` : ""}. Start it with \`npm start\`, or name another with --url.`,
        { cause: error },
      );
    }
  }
}

/** The system's or undici's code, as ECONNREFUSED; null where there is none. */
function codeOf(error: unknown): string | null {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : null;
}

const errorAnswer = z.object({ error: z.object({ message: z.string() }) });

async function refusal(response: Answered): Promise<CommandError> {
  const parsed = errorAnswer.safeParse(await response.json().catch(() => null));
  const words = parsed.success ? parsed.data.error.message : `The gateway answered ${response.status}.`;
  const hint =
    response.status === 401 ? " Is the key in GATEWAY_ADMIN_KEY, or the configuration, that gateway's?" : "";
  return new CommandError(words + hint, { status: response.status });
}

const keyHolder = z.looseObject({ admin_key: z.string() });

async function keyInConfig(dataDir: string): Promise<string> {
  const file = path.join(dataDir, "config.json");
  try {
    return keyHolder.parse(JSON.parse(await readFile(file, "utf8"))).admin_key;
  } catch (error) {
    throw new CommandError(
      `No admin key in ${file}. Start the gateway once, set GATEWAY_DATA_DIR to its data folder, or GATEWAY_ADMIN_KEY.`,
      { cause: error },
    );
  }
}
