/** The files of Swagger UI that `/docs` needs, served from its package. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import packageFolder from "swagger-ui-dist/absolute-path.js";
import { viewerFiles, viewerVersion } from "./viewer-paths.ts";

const types: Record<keyof typeof viewerFiles, string> = {
  script: "text/javascript; charset=utf-8",
  style: "text/css; charset=utf-8",
};

/** One of the two files, or 404. Their path names the version, so browsers may keep them for good. */
export async function assetResponse(version: string, file: string): Promise<Response> {
  const kind = file === viewerFiles.script ? "script" : file === viewerFiles.style ? "style" : null;
  if (version !== viewerVersion || kind === null) return new Response("Not found\n", { status: 404 });
  const bytes = await readFile(path.join(packageFolder(), viewerFiles[kind]));
  return new Response(bytes, {
    headers: {
      "content-type": types[kind],
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
    },
  });
}
