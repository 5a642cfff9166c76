import { createServer } from "node:net";

/** A port of 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

/**
 * `count` ports in a row, so that the first can serve as `GATEWAY_SLOT_BASE_PORT`. They lie below the range from
 * which the system takes the ports of outgoing connections, which would otherwise occupy one of them by chance.
 */
export async function freePorts(count: number): Promise<number[]> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 12_000 + Math.floor(Math.random() * 18_000);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if (await allFree(ports)) return ports;
  }
  throw new Error(`No ${count} free ports in a row were found`);
}

async function allFree(ports: number[]): Promise<boolean> {
  for (const port of ports) if (!(await isFree(port))) return false;
  return true;
}

/** True where a server could listen on 127.0.0.1:port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
