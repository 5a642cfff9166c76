import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { wrapEngine } from "./test-support/engine-trouble.ts";
import { openRig, refusal, text } from "./test-support/open-rig.ts";

describe("a stranger on the port", () => {
  it("is named", async () => {
    const { slots, ports } = await openRig();
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(ports[1], "0.0.0.0", () => resolve()));
    const error = await refusal(slots.load(ports[1], text));
    await new Promise((resolve) => stranger.close(resolve));
    expect(error.status).toBe(409);
    expect(error.message).toContain(`Port ${ports[1]} is taken by PID ${process.pid} (`);
    expect((await slots.snapshot())[1]).toMatchObject({ status: "failed", pid: null });
  });
});

describe("a stranger that takes the port at the last moment", () => {
  it.each([
    ["answers everything", 'response.end(JSON.stringify({ data: [{ id: "tiny-text" }] }))'],
    [
      "refuses everything but says that it is well",
      'response.writeHead(request.url === "/health" ? 200 : 401).end()',
    ],
  ])("and %s is not taken for the engine", async (_what, answer) => {
    const rig = await openRig();
    const { slots, ports } = rig;
    const stranger = `require("node:http").createServer((request, response) => { ${answer} }).listen(${ports[0]}, "127.0.0.1")`;
    await writeFile(path.join(rig.dataDir, "stranger.cjs"), stranger);
    await wrapEngine(rig, `exec '${process.execPath}' '${rig.dataDir}/stranger.cjs'`);
    const error = await refusal(slots.load(ports[0], text));
    expect([error.status, error.message]).toEqual([
      409,
      expect.stringContaining(`Port ${ports[0]} is taken`),
    ]);
    expect((await slots.snapshot())[0]).toMatchObject({ status: "failed", pid: null });
  });
});
