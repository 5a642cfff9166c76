import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { POST as ticketRoute } from "@/app/admin/api/events/ticket/route.ts";
import { call } from "@/lib/admin/testing/call.ts";
import { type AdminServices, adminKey, openServices } from "@/lib/admin/testing/services.ts";
import type { LinesTopic, Portion } from "@/lib/events/types.ts";
import {
  type ClientOptions,
  EventsClient,
  type EventsServer,
  openEventsServer,
} from "../testing/events-server.ts";
import { handshake } from "../testing/handshake.ts";

let services: AdminServices;
let server: EventsServer;
let clients: EventsClient[];
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());
beforeEach(async () => {
  server = await openEventsServer();
  clients = [];
});
afterEach(() => server.close());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const connect = (options: ClientOptions = { headers: bearer(adminKey) }) => {
  const client = new EventsClient(server.port, options);
  clients.push(client);
  return client.open();
};
const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 10 });
const actor = { userId: null, keyId: null, requestId: "req_test" };

async function newAdmin(email: string) {
  const admin = { email, tier: "admin" as const };
  const { account, apiKey, key } = await services.accounts.createUser(admin, actor, "test");
  return { account, apiKey, key };
}

async function newTicket(key = adminKey): Promise<{ ticket: string; protocols: string[] }> {
  const { json } = await call<{ ticket: string; protocols: string[] }>(ticketRoute, "POST", { key });
  return json;
}

describe("topics", () => {
  test("a snapshot comes first, then changes", async () => {
    const client = await connect();
    client.send({ subscribe: ["slots", "queue"] });
    type Slots = { slots: { port: number; model_name: string | null }[] };
    await until(() => expect(client.dataOf("slots")).toHaveLength(1));
    await until(() => expect(client.dataOf("queue")).toEqual([{ waiting: [], in_flight: [] }]));
    await services.slots.load(4803, { model_path: "tiny.gguf" });
    await until(() => {
      const states = client
        .dataOf<Slots>("slots")
        .map(({ slots }) => slots.find(({ port }) => port === 4803));
      expect(states.map((slot) => slot?.model_name)).toEqual([null, "tiny.gguf"]);
    });
    client.send({ unsubscribe: ["slots"] });
    client.send({ subscribe: ["nothing"] }); // Its answer tells that what came before was read.
    await until(() => expect(client.messages.some(({ error }) => error)).toBe(true));
    await services.slots.unload(4803);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(client.dataOf("slots")).toHaveLength(2);
  });

  test("the system's figures keep coming", async () => {
    const client = await connect();
    client.send({ subscribe: ["system"] });
    await until(() => expect(client.dataOf("system").length).toBeGreaterThan(1));
    expect(client.dataOf("system")[0]).toMatchObject({ cpu: { cores: expect.any(Number) }, warnings: [] });
  });

  test("an unknown one is told, and the socket stays", async () => {
    const client = await connect();
    client.send({ subscribe: ["slot", "logs:1", "queue"] });
    await until(() => expect(client.messages).toHaveLength(3));
    expect(client.messages.slice(0, 2).map(({ error }) => error)).toEqual([
      { code: "unknown_topic", message: "There is no topic 'slot'.", topic: "slot" },
      { code: "unknown_topic", message: "There is no topic 'logs:1'.", topic: "logs:1" },
    ]);
  });

  test("lines come after the last ones that there were, each once", async () => {
    const log: string[] = ["first", "second"];
    const listeners = new Set<(portion: Portion) => void>();
    const topic: LinesTopic = {
      last: () => log,
      subscribe: (onLines) => {
        listeners.add(onLines);
        return () => listeners.delete(onLines);
      },
    };
    services.events.registerLines("logs", (rest) => (rest === "4801" ? topic : null));
    const client = await connect();
    client.send({ subscribe: ["logs:4801"] });
    await until(() => expect(listeners.size).toBe(1));
    for (let line = 3; line <= 400; line++)
      for (const tell of listeners) tell({ lines: [`line ${line}`], dropped: 0 });
    const lines = () => client.dataOf<{ lines: string[]; dropped: number }>("logs:4801");
    await until(() => expect(lines().flatMap(({ lines }) => lines)).toHaveLength(400));
    expect(
      lines()
        .flatMap(({ lines }) => lines)
        .slice(0, 4),
    ).toEqual(["first", "second", "line 3", "line 4"]);
    expect(lines().length).toBeLessThan(20); // While one is on its way, the others are gathered.
    client.close();
    await until(() => expect(listeners.size).toBe(0));
  });
});

describe("messages that end the socket", () => {
  test("one that meets a fault of the gateway, which goes on", async () => {
    services.events.registerLines("broken", () => {
      throw new Error("out of order");
    });
    const client = await connect();
    client.send({ subscribe: ["broken:1"] });
    expect((await client.closed).code).toBe(1011);
    expect(services.logLines.some((line) => line.includes("out of order"))).toBe(true);
    expect((await connect()).protocol).toBe("");
  });

  test.each([
    ["no JSON", "{", 1007],
    ["no object", "[]", 1008],
    ["nothing in it", "{}", 1008],
    ["an unknown member", { subscribe: ["slots"], since: 3 }, 1008],
    ["topics that are no text", { subscribe: [4] }, 1008],
    ["more topics than there could be", { subscribe: Array(51).fill("slots") }, 1008],
    ["a long name that is none", { ["ü".repeat(500)]: 1 }, 1008],
    ["bytes", new Uint8Array([1, 2, 3]), 1003],
    ["too long", `"${"x".repeat(20_000)}"`, 1009],
  ])("%s", async (_, message, code) => {
    const client = await connect();
    client.send(message);
    expect((await client.closed).code).toBe(code);
  });
});

describe("who may watch", () => {
  const refusal = async (headers: Record<string, string>) => {
    const { status, body } = await handshake(server.port, headers);
    return [status, body.error.code ?? body.error.type];
  };

  test("keys of admins, in a header alone", async () => {
    const user = await services.createUser("watcher@example.org");
    expect(await refusal({})).toEqual([401, "invalid_api_key"]);
    expect(await refusal(bearer(`sk-${"0".repeat(48)}`))).toEqual([401, "invalid_api_key"]);
    expect(await refusal(bearer(user.apiKey))).toEqual([403, "permission_error"]);
    expect((await handshake(server.port, bearer(adminKey))).status).toBe(101);
    const inAddress = await handshake(
      server.port,
      {},
      `/admin/api/events?api_key=${adminKey}&key=${adminKey}`,
    );
    expect(inAddress.status).toBe(401);
  });

  test("a ticket opens one socket, and is not sent back", async () => {
    const { protocols, ticket } = await newTicket();
    const client = await connect({ protocols });
    expect(client.protocol).toBe("llm-gateway.events");
    client.send({ subscribe: ["queue"] });
    await until(() => expect(client.dataOf("queue")).toHaveLength(1));
    const offer = (value: string) => ({ "sec-websocket-protocol": `llm-gateway.events, ticket.${value}` });
    expect(await refusal(offer(ticket))).toEqual([401, "invalid_api_key"]);
    expect(await refusal(offer("x".repeat(43)))).toEqual([401, "invalid_api_key"]);
    // A good key does not save a bad ticket.
    expect(await refusal({ ...offer("x"), ...bearer(adminKey) })).toEqual([401, "invalid_api_key"]);
  });

  test("a ticket of a key that was revoked meanwhile opens nothing", async () => {
    const { apiKey, key } = await newAdmin("gone@example.org");
    const { ticket } = await newTicket(apiKey);
    await services.accounts.revokeKey(key.id, actor);
    const offer = { "sec-websocket-protocol": `llm-gateway.events, ticket.${ticket}` };
    expect(await refusal(offer)).toEqual([401, "invalid_api_key"]);
  });

  test("pages of the gateway's own origin alone", async () => {
    const own = `127.0.0.1:${server.port}`;
    const withOrigin = (origin: string) => handshake(server.port, { ...bearer(adminKey), origin });
    expect((await withOrigin(`http://${own}`)).status).toBe(101);
    expect((await withOrigin(`https://${own}`)).status).toBe(101); // Behind a proxy that ends TLS.
    for (const origin of ["http://evil.example", "null", `http://${own}.evil.example`, "http://127.0.0.1:1"])
      expect([origin, (await withOrigin(origin)).status]).toEqual([origin, 403]);
    await services.config.patch({ public_url: "https://llm.example.org" });
    expect((await withOrigin("https://llm.example.org")).status).toBe(101);
    expect((await withOrigin("http://llm.example.org")).status).toBe(403);
    await services.config.patch({ public_url: null });
  });

  test("at most so many sockets of a key", async () => {
    const { apiKey } = await newAdmin("many@example.org");
    const open = await Promise.all(Array.from({ length: 20 }, () => connect({ headers: bearer(apiKey) })));
    expect(await refusal(bearer(apiKey))).toEqual([429, "rate_limit_exceeded"]);
    expect((await handshake(server.port, bearer(adminKey))).status).toBe(101);
    open[0]?.close();
    await until(async () => expect((await handshake(server.port, bearer(apiKey))).status).toBe(101));
  });
});

describe("the end of a socket", () => {
  test("when its key is revoked, even when nothing happens", async () => {
    const { apiKey, key } = await newAdmin("revoked@example.org");
    const client = await connect({ headers: bearer(apiKey) });
    await services.accounts.revokeKey(key.id, actor);
    expect((await client.closed).code).toBe(1008);
  });

  test("when its user is disabled, before anything else is told", async () => {
    const { account, apiKey } = await newAdmin("disabled@example.org");
    const client = await connect({ headers: bearer(apiKey) });
    client.send({ subscribe: ["slots"] });
    await until(() => expect(client.dataOf("slots")).toHaveLength(1));
    await services.accounts.updateUser(account.id, { active: false }, actor, "test");
    await services.slots.load(4805, { model_path: "secret.gguf" });
    expect(await client.closed).toEqual({ code: 1008, reason: "The key is no longer valid." });
    expect(JSON.stringify(client.messages)).not.toContain("secret");
    await services.slots.unload(4805);
  });

  test("when the gateway shuts down", async () => {
    const client = await connect();
    await server.closeSockets();
    expect((await client.closed).code).toBe(1012);
  });

  test("a client that does not answer a goodbye does not keep the gateway", async () => {
    const { socket } = await handshake(server.port, bearer(adminKey), undefined, { keep: true });
    socket.pause();
    const startedMs = performance.now();
    await server.closeSockets();
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    socket.destroy();
  });
});
