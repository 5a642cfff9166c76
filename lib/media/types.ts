/** Images and sounds of a request, as every API's request ends up with them. */

export interface ImagePart {
  type: "image_url";
  image_url: { url: string };
}

export interface SoundPart {
  type: "input_audio";
  input_audio: { data: string; format: "wav" | "mp3" };
}

export type MediaPart = ImagePart | SoundPart;

/** Bytes that may still be read, of all images of one request together. */
export interface ByteBudget {
  leftBytes: number;
}

/** An image, or why there is none: in words for the client that end a sentence about its address. */
export type FetchedImage = { bytes: Buffer } | { fault: string };

/** Fetches images from elsewhere, from public addresses alone. `server/images` implements it. */
export interface RemoteImages {
  /**
   * Whatever answers there is given back unread: it need not be an image.
   * @param url http or https
   * @param budget is lessened by what was read
   * @throws whatever `signal` was aborted with
   */
  fetch(url: string, budget: ByteBudget, signal: AbortSignal): Promise<FetchedImage>;
}
