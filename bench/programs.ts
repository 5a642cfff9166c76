/** The bench's own programs, bundled to plain JavaScript: what is measured must not carry a TypeScript loader. */
import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

export interface Programs {
  mockEngine: string;
  nodeProxy: string;
  loadGenerator: string;
  /** An executable that takes llama-server's command line. */
  llamaServer: string;
}

/** Bundles them into a folder below the project, where their packages are found. */
export async function buildPrograms(folder: string): Promise<Programs> {
  const sources = ["mock-engine", "node-proxy", "load-generator", "llama-stand-in"];
  await build({
    entryPoints: sources.map((name) => path.join(import.meta.dirname, "programs", `${name}.ts`)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
    logLevel: "warning",
  });
  const file = (name: string) => path.join(folder, `${name}.mjs`);
  const llamaServer = path.join(folder, "llama-server");
  await writeFile(llamaServer, `#!/bin/sh\nexec "${process.execPath}" "${file("llama-stand-in")}" "$@"\n`);
  await chmod(llamaServer, 0o755);
  return {
    mockEngine: file("mock-engine"),
    nodeProxy: file("node-proxy"),
    loadGenerator: file("load-generator"),
    llamaServer,
  };
}
