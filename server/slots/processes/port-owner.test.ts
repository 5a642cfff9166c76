import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { describePortOwner, isPortFree } from "./port-owner.ts";

let server: Server;

afterEach(() => server.close());

async function listen(host: string): Promise<number> {
  server = createServer().listen(0, host);
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

describe("a port", () => {
  it.each(["127.0.0.1", "0.0.0.0", "::"])("is taken by who listens on %s, who is named", async (host) => {
    const port = await listen(host);
    expect(await isPortFree(port)).toBe(false);
    expect(await describePortOwner(port)).toMatch(new RegExp(`^PID ${process.pid} \\(.+\\)$`));
  });

  it("is free when nobody listens", async () => {
    const port = await listen("127.0.0.1");
    server.close();
    await once(server, "close");
    expect(await isPortFree(port)).toBe(true);
    expect(await describePortOwner(port)).toBe("another program");
  });
});
