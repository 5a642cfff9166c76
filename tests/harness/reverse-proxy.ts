/** nginx and Caddy before a gateway of a test, with the files that deploy/ offers. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./data-folder.ts";
import { freePort } from "./port.ts";
import { waitFor } from "./wait.ts";

const deployDir = fileURLToPath(new URL("../../deploy", import.meta.url));

export const proxies = ["nginx", "caddy"] as const;
export type ProxyName = (typeof proxies)[number];

export interface ReverseProxy extends AsyncDisposable {
  url: string;
}

export function isInstalled(name: ProxyName): boolean {
  return spawnSync(name, [name === "nginx" ? "-v" : "version"]).error === undefined;
}

/** Starts it on a port of its own, without TLS. */
export async function startProxy(name: ProxyName, gatewayPort: number): Promise<ReverseProxy> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const words = await (name === "nginx" ? nginx : caddy)(folder, port, gatewayPort);
  const child = spawn(name, words, {
    stdio: "ignore",
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = () => end(child, folder);
  try {
    await waitFor(`${name} to answer`, async () => (await fetch(`${url}/health`)).ok, { timeoutMs: 10_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, [Symbol.asyncDispose]: stop };
}

async function nginx(folder: string, port: number, gatewayPort: number): Promise<string[]> {
  const common = path.join(folder, "llm-gateway-proxy.conf");
  await writeFile(common, await offered("llm-gateway-proxy.conf"));
  const site = (await offered("nginx.conf"))
    .replace("listen 443 ssl;", `listen 127.0.0.1:${port};`)
    .replace("server 127.0.0.1:4000;", `server 127.0.0.1:${gatewayPort};`)
    .replaceAll("/etc/nginx/llm-gateway-proxy.conf", common)
    .replace(/^\s*ssl_certificate.*$/gm, "");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${path.join(folder, kind)};`,
  );
  const main = path.join(folder, "main.conf");
  await writeFile(
    main,
    `daemon off; pid ${path.join(folder, "pid")}; error_log ${path.join(folder, "error.log")};
     events {} http { access_log off; ${temporary.join(" ")} ${site} }`,
  );
  return ["-p", folder, "-e", path.join(folder, "error.log"), "-c", main];
}

async function caddy(folder: string, port: number, gatewayPort: number): Promise<string[]> {
  const site = (await offered("Caddyfile"))
    .replace("ai.example.com {", `http://127.0.0.1:${port} {`)
    .replace("127.0.0.1:4000", `127.0.0.1:${gatewayPort}`);
  const file = path.join(folder, "Caddyfile");
  await mkdir(folder, { recursive: true });
  await writeFile(file, `{\n\tadmin off\n}\n${site}`);
  return ["run", "--config", file, "--adapter", "caddyfile"];
}

function offered(name: string): Promise<string> {
  return readFile(path.join(deployDir, name), "utf8");
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
  await rm(folder, { recursive: true, force: true });
}
