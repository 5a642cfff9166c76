/** Stage: images and sounds of a request are looked at, and images elsewhere are fetched, before an engine is asked. */
import { bytesPerMegabyte } from "../bytes.ts";
import { checkDataUrl, dataUrlOf, unusable, usableSound } from "../media/inspect.ts";
import type { ImagePart, MediaPart } from "../media/types.ts";
import { runtime } from "../runtime.ts";
import type { Departure } from "./departure.ts";
import type { Grant } from "./endpoint.ts";
import { clientLeft } from "./forward.ts";

/** Of one request, and how many of them at once. */
const maxRemoteImages = 32;
const maxAtOnce = 4;
/** For all images of a request together. */
const fetchMs = 10_000;

/** An image that is elsewhere, and where the request names it. */
interface RemoteImage {
  part: ImagePart;
  param: string;
}

/** False for a model that only reads: what it is asked carries no media. */
export function hasSenses({ model }: Grant): boolean {
  return model.capabilities.includes("image") || model.capabilities.includes("audio");
}

/**
 * Checks every medium. In place, sounds become what an engine may get of them, and images elsewhere `data:` URLs.
 * @param paths where each stands in the request, in the same order; asked for only where there are media
 * @returns a promise only where something is fetched
 * @throws GatewayError 400 or 413 with the path of what cannot be used, `client_closed`
 */
export function prepareMedia(
  parts: readonly MediaPart[],
  paths: () => readonly string[],
  departure: Departure,
): Promise<void> | undefined {
  if (parts.length === 0) return undefined;
  const { limits } = runtime().config.current;
  const params = paths();
  const remote: RemoteImage[] = [];
  for (const [index, part] of parts.entries()) {
    const param = params[index] ?? "messages";
    if (part.type === "input_audio")
      part.input_audio.data = usableSound(part.input_audio, limits.audio_mb, param);
    else if (part.image_url.url.startsWith("data:"))
      checkDataUrl(part.image_url.url, limits.image_pixels, param);
    else if (!limits.remote_images)
      throw unusable(
        param,
        "is an address, and the operator does not allow the gateway to fetch images. Send the image itself, as a data: URL",
      );
    else if (remote.push({ part, param }) > maxRemoteImages)
      throw unusable(param, `is one image too many: at most ${maxRemoteImages} are fetched for a request`);
  }
  return remote.length > 0 ? fetchAll(remote, departure) : undefined;
}

async function fetchAll(images: readonly RemoteImage[], departure: Departure): Promise<void> {
  if (departure.hasLeft) throw clientLeft();
  const { body_mb: maxMegabytes, image_pixels: maxPixels } = runtime().config.current.limits;
  const fetcher = runtime().images;
  const budget = { leftBytes: maxMegabytes * bytesPerMegabyte };
  const waiting = [...images];
  const ending = new AbortController();
  const stopListening = departure.listen(() => ending.abort(clientLeft()));
  const tooLate = new Error("The time for fetching is up.");
  const deadline = setTimeout(() => ending.abort(tooLate), fetchMs);
  const fetchNext = async (): Promise<void> => {
    for (let image = waiting.shift(); image; image = waiting.shift()) {
      const { part, param } = image;
      const fetched = await fetcher.fetch(part.image_url.url, budget, ending.signal).catch((error) => {
        throw error === tooLate ? unusable(param, `cannot be fetched within ${fetchMs / 1000} s`) : error;
      });
      if ("fault" in fetched) throw unusable(param, fetched.fault);
      part.image_url.url = dataUrlOf(fetched.bytes, maxPixels, param);
    }
  };
  try {
    await Promise.all(Array.from({ length: maxAtOnce }, fetchNext));
  } finally {
    clearTimeout(deadline);
    stopListening();
    ending.abort(); // One that failed ends the others.
  }
}
