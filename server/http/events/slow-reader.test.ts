/** A page that does not read must cost the gateway little, and get what is there when it reads again. */
import { once } from "node:events";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { type AdminServices, adminKey, openServices } from "@/lib/admin/testing/services.ts";
import { type EventsServer, openEventsServer } from "../testing/events-server.ts";

let services: AdminServices;
let server: EventsServer;
beforeAll(async () => {
  services = await openServices();
  server = await openEventsServer();
});
afterAll(async () => {
  await server.close();
  await services.close();
});

/** A few of these fill what the system itself keeps for a connection. */
const filling = "x".repeat(4_000_000);

/** A topic of this test: large, and told whenever the test wants. */
let version = 0;
let tell = () => {};
let looks = 0;

test("it gets the latest state, and not each of those between", async () => {
  services.events.registerState("large", {
    snapshot: async () => {
      looks++;
      return { version, filling };
    },
    subscribe: (changed) => {
      tell = changed;
      return () => {};
    },
  });
  const headers = { authorization: `Bearer ${adminKey}` };
  const client = new WebSocket(`ws://127.0.0.1:${server.port}/admin/api/events`, { headers });
  await once(client, "open");
  const versions: number[] = [];
  client.on("message", (data) => versions.push(JSON.parse(data.toString()).data.version));
  client.send(JSON.stringify({ subscribe: ["large"] }));
  await vi.waitFor(() => expect(versions).toEqual([0]), { timeout: 10_000 });

  client.pause();
  const states = 12;
  while (version < states) {
    version++;
    const looked = looks;
    tell();
    await vi.waitFor(() => expect(looks).toBeGreaterThan(looked), { timeout: 10_000, interval: 5 });
  }
  client.resume();
  await vi.waitFor(() => expect(versions.at(-1)).toBe(states), { timeout: 10_000 });
  expect(versions.length).toBeLessThan(states / 2); // What the system's own buffers took, and the last one.
  expect(versions).toEqual(versions.toSorted((one, other) => one - other));
  client.close();
});
