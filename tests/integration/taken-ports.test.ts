/** Ports that somebody else has. */
import { createServer, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { modelFiles } from "../harness/data-folder.ts";
import { type Gateway, launchGateway, startGateway } from "../harness/gateway.ts";
import { mockEngine } from "../harness/mock-engine.ts";

let gateway: Gateway | null = null;
let stranger: Server | null = null;
afterEach(async () => {
  await gateway?.[Symbol.asyncDispose]();
  stranger?.closeAllConnections();
  stranger?.close();
});

/** A server that says yes to everything, as another gateway's engine or a careless proxy might. */
async function listenAsStranger(port: number): Promise<string[]> {
  const seen: string[] = [];
  stranger = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ status: "ok", data: [{ id: "tiny-text", object: "model" }] }));
  });
  await new Promise<void>((resolve) => stranger?.listen(port, "127.0.0.1", resolve));
  return seen;
}

test("threat 9: a stranger on a slot's port is refused, and the port and the stranger are named", async () => {
  gateway = await startGateway();
  const seen = await listenAsStranger(gateway.slot(0));
  const response = await gateway.adminResponse("POST", "slots/load", {
    slot: gateway.slot(0),
    model_path: modelFiles.text,
  });
  expect([409, 422]).toContain(response.status);
  const { error } = (await response.json()) as { error: { message: string } };
  expect(error.message).toContain(String(gateway.slot(0)));
  expect(error.message).toContain(String(process.pid));
  expect((await gateway.slotState(0)).status).not.toBe("ready");
  expect(seen.join("\n")).not.toContain("/v1/chat/completions");
  await expect(gateway.loadModel(1, { model_path: modelFiles.text })).resolves.toMatchObject({
    status: "loaded",
  });
});

test("a taken gateway port ends the start with who has it and how to choose another", async () => {
  await using other = await mockEngine();
  const { port } = new URL(other.baseUrl);
  gateway = await launchGateway({ environment: { PORT: port } });
  expect(await gateway.exited).toBe(1);
  expect(gateway.logs()).toContain(`Port ${port} is taken by`);
  expect(gateway.logs()).toContain(String(process.pid));
  expect(gateway.logs()).toContain("PORT=");
});
