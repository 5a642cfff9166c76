/** Who listens on a port: for messages that name the process in the way. */
import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer } from "node:net";

/** `PID 123 (name)`, or `another program` where the system does not tell. */
export async function describePortOwner(port: number): Promise<string> {
  const owner = process.platform === "linux" ? await findOwner(port).catch(() => null) : null;
  return owner ? `PID ${owner.pid} (${owner.name})` : "another program";
}

/** True when nothing listens on this port of 127.0.0.1, or of all addresses. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

async function findOwner(port: number): Promise<{ pid: number; name: string } | null> {
  const sockets = new Set((await listeningInodes(port)).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return null;
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry) || !(await holdsOne(entry, sockets))) continue;
    const name = await readFile(`/proc/${entry}/comm`, "utf8").catch(() => "?");
    return { pid: Number(entry), name: name.trim() };
  }
  return null;
}

/** Other users' processes cannot be looked into: they count as not holding it. */
async function holdsOne(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  for (const descriptor of await readdir(folder).catch(() => [])) {
    const target = await readlink(`${folder}/${descriptor}`).catch(() => "");
    if (sockets.has(target)) return true;
  }
  return false;
}

/** Columns of /proc/net/tcp: 1 is the local address as HEX:PORT, 3 the state (0A: listening), 9 the socket's inode. */
async function listeningInodes(port: number): Promise<string[]> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes: string[] = [];
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await readFile(table, "utf8").catch(() => "");
    for (const line of text.split("\n").slice(1)) {
      const columns = line.trim().split(/\s+/);
      const [local, state, inode] = [columns[1], columns[3], columns[9]];
      if (local?.endsWith(suffix) && state === "0A" && inode !== undefined) inodes.push(inode);
    }
  }
  return inodes;
}
