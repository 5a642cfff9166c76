import { describe, expect, it } from "vitest";
import { LogprobsReader } from "./logprobs.ts";
import { completionRequest } from "./request.ts";

const one = (id: number, token: string, logprob: number, bytes: number[] = [...Buffer.from(token)]) => ({
  id,
  token,
  bytes,
  logprob,
});
const call = (fields: object = {}) => completionRequest.parse({ prompt: "ab😀", logprobs: 2, ...fields });

describe("LogprobsReader", () => {
  it("gives the shape of this API, with offsets from the prompt's beginning on", () => {
    const reader = new LogprobsReader(call({ n: 2 }));
    const likeliest = [one(1, " one", -0.5), one(2, " two", -1.5), one(3, " three", -2.5)];
    const first = { content: [{ ...one(1, " one", -0.5), top_logprobs: likeliest }] };
    expect(reader.read({ index: 0, logprobs: first })).toEqual({
      tokens: [" one"],
      token_logprobs: [-0.5],
      top_logprobs: [{ " one": -0.5, " two": -1.5 }],
      text_offset: [3],
    });
    // The chosen token is told besides, where it is none of the likeliest.
    const second = { content: [{ ...one(9, " ü", -7), top_logprobs: likeliest }, one(8, "!", -8)] };
    expect(reader.read({ index: 0, logprobs: second })).toEqual({
      tokens: [" ü", "!"],
      token_logprobs: [-7, -8],
      top_logprobs: [{ " one": -0.5, " two": -1.5, " ü": -7 }, { "!": -8 }],
      text_offset: [7, 9],
    });
    expect(reader.read({ index: 1, logprobs: second })?.text_offset).toEqual([3, 5]);
  });

  it("gives the chosen token alone where 0 are wanted", () => {
    const content = [{ ...one(1, "a", -1), top_logprobs: [one(2, "b", -0.5)] }];
    expect(
      new LogprobsReader(call({ logprobs: 0 })).read({ index: 0, logprobs: { content } })?.top_logprobs,
    ).toEqual([{ a: -1 }]);
  });

  it("names tokens that llama-server held back, as it could have been a stop sequence, by their own text", () => {
    const content = [
      { ...one(3, "", -0.1), top_logprobs: [one(3, " three", -0.1)] },
      { ...one(4, " three four", -0.2), top_logprobs: [one(4, " four", -0.2)] },
    ];
    expect(new LogprobsReader(call({ prompt: "" })).read({ index: 0, logprobs: { content } })).toMatchObject({
      tokens: [" three", " four"],
      text_offset: [0, 6],
    });
  });

  it("names tokens that are no whole characters by their bytes, as OpenAI did", () => {
    const [first = 0, ...rest] = Buffer.from("€");
    const content = [one(1, "\ufffd", -1, [first]), one(2, "\ufffd", -2, rest), one(3, "!", -3)];
    expect(new LogprobsReader(call({ prompt: [1] })).read({ index: 0, logprobs: { content } })).toMatchObject(
      {
        tokens: ["bytes:\\xe2", "bytes:\\x82\\xac", "!"],
        top_logprobs: [{ "bytes:\\xe2": -1 }, { "bytes:\\x82\\xac": -2 }, { "!": -3 }],
        text_offset: [0, 0, 1],
      },
    );
  });

  it("leaves what has this API's shape already", () => {
    const legacy = { tokens: ["a"], token_logprobs: [-1], top_logprobs: [{ a: -1 }], text_offset: [0] };
    expect(new LogprobsReader(call()).read({ index: 0, logprobs: legacy })).toEqual(legacy);
    expect(new LogprobsReader(call({ logprobs: null })).read({ index: 0, logprobs: legacy })).toBeNull();
  });

  it.each([null, undefined, {}, { content: null }, { content: [] }, { content: [{ token: 3 }] }, "x"])(
    "finds none in %j",
    (logprobs) => expect(new LogprobsReader(call()).read({ index: 0, logprobs })).toBeNull(),
  );
});
