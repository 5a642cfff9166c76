/** Asks the hub by Hugging Face's own client: `@huggingface/hub`, with a connection of ours. */
import { z } from "zod";
import type { ConfigStore } from "../config/types.ts";
import { isGatewayError } from "../errors.ts";
import { isModelPath } from "./names.ts";
import { type HubQuestion, hubNonsense, hubRefusal, hubUnreachable } from "./refusal.ts";
import type { Hub, HubFile, HubModel, HubRepository, SizeFit } from "./types.ts";

export interface HubOptions {
  config: Pick<ConfigStore, "current">;
  /**
   * Asks one address of the hub, and follows it nowhere else. Rejects where there is no answer; server/hub has the
   * gateway's.
   */
  fetch: typeof fetch;
  /** Looks at the machine; null where nobody can tell what fits. */
  sizeFit: () => Promise<SizeFit | null>;
}

/** More is no repository of models; each page of the hub's list has up to a thousand. */
const maxFiles = 20_000;
const maxPages = 50;

const model = z.object({
  name: z.string().max(300),
  downloads: z.number().catch(0),
  likes: z.number().catch(0),
  gated: z.union([z.literal(false), z.enum(["auto", "manual"])]).catch(false),
  private: z.boolean().catch(false),
  task: z.string().nullish(),
  updatedAt: z.date().nullish().catch(null),
  tags: z.array(z.string()).catch([]),
});

const commit = z.string().regex(/^[\w-]{1,100}$/);

const file = z.object({
  type: z.string(),
  path: z.string().max(1000),
  size: z.int().min(0),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().min(0) }).optional(),
});

export function createHub({ config, fetch, sizeFit }: HubOptions): Hub {
  /** What every call of the client takes, and the question for its refusals. */
  function ask(repoId: string | null): { call: CallOptions; question: HubQuestion } {
    const { hub_url, hf_token } = config.current;
    const hubUrl = hub_url.replace(/\/+$/, "");
    const question = { hubUrl, hasToken: hf_token !== null, repoId };
    const call = { hubUrl, fetch: guarded(fetch, question), ...(hf_token && { accessToken: hf_token }) };
    return { call, question };
  }

  return {
    sizeFit,

    async search(query, limit) {
      const { call, question } = ask(null);
      const { listModels } = await import("@huggingface/hub");
      return answered(question, async () => {
        const found: HubModel[] = [];
        const search = { query, tags: ["gguf"] };
        for await (const one of listModels({ ...call, search, limit, sort: "downloads", additionalFields }))
          found.push(modelOf(model.parse(one)));
        return found;
      });
    },

    async repository(repoId, revision = "main") {
      const { call, question } = ask(repoId);
      const { listFiles, modelInfo } = await import("@huggingface/hub");
      return answered(question, async (): Promise<HubRepository> => {
        const asked = {
          ...call,
          name: repoId,
          revision,
          additionalFields: [...additionalFields, "sha" as const],
        };
        const info = await modelInfo(asked);
        const pinned = commit.parse(info.sha);
        const files: HubFile[] = [];
        let seen = 0;
        for await (const entry of listFiles({ ...call, repo: repoId, revision: pinned, recursive: true })) {
          if (++seen > maxFiles) break;
          if (entry.type === "file" && isModelPath(entry.path)) files.push(fileOf(file.parse(entry)));
        }
        return { ...modelOf(model.parse(info)), revision: pinned, files };
      });
    },
  };
}

const additionalFields = ["tags"] as ["tags"];

interface CallOptions {
  hubUrl: string;
  fetch: typeof fetch;
  accessToken?: string;
}

/** Refusals of the hub become ours where their headers are still there. No address but the hub's is ever asked. */
function guarded(ask: typeof fetch, question: HubQuestion): typeof fetch {
  let pages = 0;
  return async (target, init) => {
    // The list's next page is an address that the hub names.
    const url = new URL(String(target));
    if (url.origin !== new URL(question.hubUrl).origin)
      throw hubNonsense(question.hubUrl, new Error(`It leads on to ${url.origin}.`));
    if (++pages > maxPages) throw hubNonsense(question.hubUrl, new Error("Its list has no end."));
    const response = await ask(url, init).catch((error: unknown) => {
      throw isGatewayError(error) ? error : hubUnreachable(question.hubUrl, error);
    });
    if (!response.ok) throw hubRefusal(response.status, response.headers, question);
    return response;
  };
}

async function answered<Value>({ hubUrl }: HubQuestion, ask: () => Promise<Value>): Promise<Value> {
  try {
    return await ask();
  } catch (error) {
    if (isGatewayError(error)) throw error;
    // The client checks the token's form by itself; the configuration has done so before.
    throw hubNonsense(hubUrl, error);
  }
}

/** Tags that say something to somebody who looks for a model; the others are of the hub's own machinery. */
const dullTags =
  /^(?:gguf|transformers|base_model:.*|license:.*|region:.*|endpoints_compatible|arxiv:.*|dataset:.*)$/;
const maxTags = 12;

function modelOf(found: z.infer<typeof model>): HubModel {
  const license = found.tags.find((tag) => tag.startsWith("license:"));
  const updatedMs = found.updatedAt?.getTime() ?? null;
  return {
    id: found.name,
    downloads: found.downloads,
    likes: found.likes,
    gated: found.gated,
    private: found.private,
    license: license ? license.slice("license:".length) : null,
    updatedMs,
    task: found.task ?? null,
    tags: found.tags.filter((tag) => !dullTags.test(tag) && tag !== found.task).slice(0, maxTags),
  };
}

function fileOf({ path, size, lfs }: z.infer<typeof file>): HubFile {
  return { path, sizeBytes: lfs?.size ?? size, sha256: lfs?.oid ?? null };
}
