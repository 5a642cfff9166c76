import { createServer, type Server } from "node:http";
import { describe, expect, it } from "vitest";
import { lease, openRig, refusal } from "./test-support/open-rig.ts";
import { eventually } from "./test-support/rig.ts";

describe("a remote", () => {
  /** A server that lists one model, and can be switched off and on. */
  async function remote(): Promise<{ port: number; server: Server }> {
    const server = createServer((request, response) => {
      response.writeHead(request.url === "/v1/models" ? 200 : 404).end('{"data":[{"id":"big"}]}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const address = server.address();
    return { server, port: typeof address === "object" && address ? address.port : 0 };
  }

  function close(server: Server): Promise<unknown> {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  }

  it("is run beside local models, gives up while it is away, and comes back", async () => {
    const rig = await openRig({ timings: { probeEveryMs: 20 } });
    const { slots, ports } = rig;
    const { server, port } = await remote();
    const request = { remote: { base_url: `http://127.0.0.1:${port}/v1`, model: "big" } };
    expect(await slots.load(ports[0], request)).toMatchObject({
      status: "ready",
      modelName: "big",
      pid: null,
      parallel: null,
    });
    const turns = await Promise.all(Array.from({ length: 300 }, () => lease(rig, "big")));
    expect((await slots.snapshot())[0]).toMatchObject({ inFlight: 300, queued: 0 });
    for (const turn of turns) turn.release();
    await close(server);
    const crashed = await rig.until(ports[0], "crashed");
    expect(crashed.error).toMatch(/does not answer/);
    server.listen(port, "127.0.0.1");
    await rig.until(ports[0], "ready");
    await close(server);
  });

  it("that is not there when an operator loads it is an error, and in the configuration is waited for", async () => {
    const rig = await openRig();
    const { slots, ports, config } = rig;
    const { server, port } = await remote();
    await close(server);
    const request = { remote: { base_url: `http://127.0.0.1:${port}/v1`, model: "big" } };
    const error = await refusal(slots.load(ports[0], request));
    expect([error.status, error.message]).toEqual([422, expect.stringMatching(/ECONNREFUSED/)]);
    await config.setSlot(ports[1], request);
    await eventually("it was tried more often than an engine of ours", async () => {
      const [, second] = await slots.snapshot();
      return second && second.crashes > second.maxCrashes ? true : undefined;
    });
    server.listen(port, "127.0.0.1");
    await rig.until(ports[1], "ready");
    await close(server);
  });
});
