/** Bodies for `/v1/chat/completions` with images and sounds. */
import { pngBase64, wavBase64 } from "../../../fixtures/media.ts";
import { type Case, type Corpus, casesAround } from "../case.ts";

const text = { type: "text", text: "describe" };
const image = (data: string, type = "png") => ({
  type: "image_url",
  image_url: { url: `data:image/${type};base64,${data}` },
});
const sound = (data: string, format = "wav") => ({ type: "input_audio", input_audio: { data, format } });

const told = casesAround({ temperature: 0, max_tokens: 4, logprobs: true, top_logprobs: 3 });
const user = (...parts: object[]) => ({ messages: [{ role: "user", content: parts }] });

const cases: Case[] = [
  told("an image", user(text, image(pngBase64()))),
  told("an image before the text", user(image(pngBase64()), text)),
  told("an image alone", user(image(pngBase64()))),
  told("two images", user(text, image(pngBase64()), image(pngBase64(16, 16)))),
  told("a large image", user(text, image(pngBase64(300, 200)))),
  told("an image of one dot", user(text, image(pngBase64(1, 1)))),
  told(
    "an image with its detail",
    user(text, {
      type: "image_url",
      image_url: { url: `data:image/png;base64,${pngBase64()}`, detail: "low" },
    }),
  ),
  told("an image of another type than it says", user(text, image(pngBase64(), "jpeg"))),
  told("a sound", user(text, sound(wavBase64()))),
  told("a sound alone", user(sound(wavBase64()))),
  told("two sounds", user(sound(wavBase64()), text, sound(wavBase64(2)))),
  told("an image and a sound", user(text, image(pngBase64()), sound(wavBase64()))),
  told("an image in an earlier turn", {
    messages: [
      ...user(text, image(pngBase64())).messages,
      { role: "assistant", content: "hello" },
      { role: "user", content: "say hello" },
    ],
  }),
  told("no media for a model that has eyes and ears", user(text)),
  told("an image that is none", user(text, image("AAAA"))),
  told("an image that is cut", user(text, image(pngBase64(64, 64).slice(0, 60)))),
  told("an empty image", user(text, image(""))),
  told("an image that is no base64", user(text, image("!!!!"))),
  told("a sound that is none", user(text, sound("AAAA"))),
  told("an empty sound", user(text, sound("")), "what only the engine reads"),
  told("a sound of an unknown format", user(text, sound(wavBase64(), "midi")), "unknown value"),
  told("an image in a file", user(text, { type: "image_url", image_url: { url: "file:///etc/passwd" } })),
  told("an image without an address", user(text, { type: "image_url", image_url: {} }), "malformed"),
  told(
    "an image in a message of the system's",
    {
      messages: [{ role: "system", content: [image(pngBase64())] }, ...user(text).messages],
    },
    "wrong type",
  ),
];

export const media: Corpus = {
  endpoint: "chat/completions",
  cases: cases.map((one) => ({ ...one, model: "omni" })),
};
