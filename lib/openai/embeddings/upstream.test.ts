import { describe, expect, it } from "vitest";
import type { Engine } from "../../slots/types.ts";
import type { EmbeddingsInput } from "./input.ts";
import { embeddingsUpstream } from "./upstream.ts";

const marker = "<__media_secret__>";
const llama = { kind: "llama-server", upstreamModel: "m", mediaMarker: marker } as Engine;
const remote = { kind: "remote", upstreamModel: "m", mediaMarker: null } as Engine;

const text = (words: string) => ({ type: "text" as const, text: words });
const image = (data: string) => ({
  type: "image_url" as const,
  image_url: { url: `data:image/png;base64,${data}` },
});
const inputFor = (input: EmbeddingsInput, engine = llama) =>
  JSON.parse(embeddingsUpstream({ input }, engine).body).input;

describe("the input of an engine", () => {
  it("is what the client sent where it is text alone", () => {
    for (const input of ["a", ["a", marker], [1, 2], [[1], [2]]]) expect(inputFor(input)).toEqual(input);
  });

  it("has marks in place of images, and always text after the last one", () => {
    expect(
      inputFor(["a", image("AAAA"), [text("b"), image("BBBB"), text("c"), image("CCCC")], text("d")]),
    ).toEqual([
      "a",
      { prompt_string: `${marker}\n`, multimodal_data: ["AAAA"] },
      { prompt_string: `b${marker}c${marker}\n`, multimodal_data: ["BBBB", "CCCC"] },
      "d",
    ]);
  });

  it.each<[string, EmbeddingsInput]>([
    ["input[1]", [image("AAAA"), `a${marker}`]],
    ["input[0]", [text(marker), image("AAAA")]],
    ["input[0][1]", [[image("AAAA"), text(marker)]]],
  ])("never takes a mark from a client's text: %s", (param, input) => {
    expect(() => inputFor(input)).toThrow(expect.objectContaining({ status: 400, options: { param } }));
  });

  it("cannot be made where the engine does not tell its mark", () => {
    const silent = { ...llama, mediaMarker: null };
    expect(() => inputFor([image("AAAA")], silent)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it("is as it came for a remote, without what does not belong there", () => {
    const input = ["a", image("AAAA"), [text("b")]];
    expect(inputFor(input, remote)).toEqual(input);
    const more = [{ ...image("AAAA"), prompt_string: marker, multimodal_data: ["AAAA"] }];
    expect(inputFor(more, remote)).toEqual([image("AAAA")]);
  });
});
