import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { forward } from "./forward.ts";
import { collector, departureOf, engine } from "./testing/leased-engine.ts";

const request = { path: "/audio/transcriptions", body: "", isStreamed: true, beginsLate: true };
const stays = () => departureOf(new AbortController().signal);

describe("a local engine that listens to all of a sound before it says anything", () => {
  it("has as much time as one that answers in one piece", async () => {
    const { lease } = await engine((_request, response) => {
      setTimeout(() => response.end("late"), 150);
    });
    const sink = collector();
    await forward(lease, request, stays(), 100, sink);
    expect(sink.text).toBe("late");
  });

  it("is given up where it never begins, and looked at", async () => {
    const { lease, suspect } = await engine(() => {});
    const given = forward(lease, request, stays(), 20, collector());
    await expect(given).rejects.toMatchObject({ code: "engine_timeout" });
    expect(suspect).toHaveBeenCalledWith("stalled");
  });

  it("gets a form with its type", async () => {
    const asked: string[] = [];
    const { lease } = await engine(async (received, response) => {
      asked.push(received.headers["content-type"] ?? "", await text(received));
      response.end();
    });
    const form = {
      contentType: "multipart/form-data; boundary=x",
      pieces: [Buffer.from("a"), Buffer.from("b")],
    };
    await forward(lease, { ...request, form }, stays(), 10_000, collector());
    expect(asked).toEqual(["multipart/form-data; boundary=x", "ab"]);
  });
});
