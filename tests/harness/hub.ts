/**
 * A model hub on this machine, over real HTTP: what `@huggingface/hub` asks, and downloads that are redirected to a
 * second server, as Hugging Face sends them to its CDN. It behaves as badly as a test wants (hub-cdn.ts).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Cdn, type CdnFaults } from "./hub-cdn.ts";
import type { ServedFile } from "./hub-files.ts";

export interface HubRepositoryOptions {
  files: Record<string, ServedFile>;
  downloads?: number;
  likes?: number;
  gated?: false | "auto" | "manual";
  tags?: string[];
  /** What the tree says instead of the truth. */
  sha256?: Record<string, string>;
}

export interface LocalHub extends AsyncDisposable {
  /** As `hub_url` takes it. */
  url: string;
  cdnUrl: string;
  readonly repositories: Record<string, HubRepositoryOptions>;
  /** How the CDN behaves; may be changed at any time. */
  readonly faults: CdnFaults;
  /** Answers every question instead, by status, until it is null again. */
  refusal: { status: number; headers?: Record<string, string> } | null;
  /** Requests so far, of both servers. */
  readonly requests: { server: "hub" | "cdn"; url: string; headers: IncomingMessage["headers"] }[];
  /** Entries of one page of the file list. */
  pageSize: number;
}

export const commit = "0123456789abcdef0123456789abcdef01234567";

/** @param repositories by `owner/name` */
export async function localHub(repositories: Record<string, HubRepositoryOptions> = {}): Promise<LocalHub> {
  const requests: LocalHub["requests"] = [];
  const cdn = new Cdn();
  const cdnServer = await listen((request, response) => {
    requests.push({ server: "cdn", url: request.url ?? "", headers: request.headers });
    cdn.handle(request, response);
  });
  const server = await listen((request, response) => {
    requests.push({ server: "hub", url: request.url ?? "", headers: request.headers });
    answer(hub, cdn, request, response);
  });
  const hub: LocalHub = {
    url: addressOf(server),
    cdnUrl: addressOf(cdnServer),
    repositories,
    faults: cdn.faults,
    refusal: null,
    requests,
    pageSize: 1000,
    async [Symbol.asyncDispose]() {
      for (const one of [server, cdnServer]) {
        one.closeAllConnections();
        await new Promise((resolve) => one.close(resolve));
      }
    },
  };
  return hub;
}

function answer(hub: LocalHub, cdn: Cdn, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", hub.url);
  const [, owner = "", name = "", ...rest] = url.pathname.replace(/^\/api\/models(?=\/|$)/, "").split("/");
  const repository = hub.repositories[`${owner}/${name}`];
  if (hub.refusal) response.writeHead(hub.refusal.status, hub.refusal.headers).end("{}");
  else if (url.pathname === "/api/models") search(hub, url, response);
  else if (!repository) sendJson(response, 404, { error: "Repository not found" });
  else if (repository.gated && !request.headers.authorization) {
    response.setHeader("x-error-code", "GatedRepo");
    sendJson(response, 401, { error: "Access to this model is restricted." });
  } else if (rest[0] === "revision") sendJson(response, 200, modelOf(`${owner}/${name}`, repository));
  else if (rest[0] === "tree") tree(hub, repository, url, response);
  else if (rest[0] === "resolve")
    resolve(hub, cdn, repository, decodeURIComponent(rest.slice(2).join("/")), response);
  else sendJson(response, 404, { error: "Not found" });
}

function search(hub: LocalHub, url: URL, response: ServerResponse): void {
  const query = (url.searchParams.get("search") ?? "").toLowerCase();
  const limit = Number(url.searchParams.get("limit"));
  const found = Object.entries(hub.repositories)
    .filter(
      ([id, { tags = ["gguf"] }]) =>
        id.toLowerCase().includes(query) && tags.includes(url.searchParams.get("filter") ?? ""),
    )
    .map(([id, repository]) => modelOf(id, repository))
    .sort((a, b) => b.downloads - a.downloads);
  sendJson(response, 200, found.slice(0, limit));
}

function modelOf(
  id: string,
  { downloads = 0, likes = 0, gated = false, tags = ["gguf"] }: HubRepositoryOptions,
) {
  const lastModified = "2026-05-04T03:02:01.000Z";
  const pipeline_tag = "text-generation";
  return {
    _id: "1",
    id,
    downloads,
    likes,
    gated,
    private: false,
    tags,
    pipeline_tag,
    lastModified,
    sha: commit,
  };
}

function tree(
  hub: LocalHub,
  { files, sha256 }: HubRepositoryOptions,
  url: URL,
  response: ServerResponse,
): void {
  const all = Object.entries(files).map(([path, file]) => ({
    type: "file",
    path,
    size: file.sizeBytes,
    oid: "0".repeat(40),
    ...(path.endsWith(".gguf") && {
      lfs: { oid: sha256?.[path] ?? file.sha256, size: file.sizeBytes, pointerSize: 134 },
    }),
  }));
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const next = from + hub.pageSize;
  url.searchParams.set("cursor", String(next));
  if (next < all.length) response.setHeader("link", `<${url.href}>; rel="next"`);
  sendJson(response, 200, all.slice(from, next));
}

function resolve(
  hub: LocalHub,
  cdn: Cdn,
  { files, sha256 }: HubRepositoryOptions,
  path: string,
  response: ServerResponse,
): void {
  const file = files[path];
  if (!file) {
    sendJson(response, 404, { error: "Entry not found" });
    return;
  }
  response.setHeader("x-repo-commit", commit);
  response.setHeader("x-linked-size", file.sizeBytes);
  response.setHeader("x-linked-etag", `"${sha256?.[path] ?? file.sha256}"`);
  response.writeHead(302, { location: `${hub.cdnUrl}${cdn.offer(file)}` }).end();
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(handle);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
