/** Images and sounds are looked at before an engine gets them: what cannot be used is refused, with the reason. */
import { openSoundPart } from "../audio/sound.ts";
import { bytesPerMegabyte } from "../bytes.ts";
import { GatewayError } from "../errors.ts";
import { bytesOf, bytesOfBase64 } from "./bytes.ts";
import { type ImageHeader, imageHeader } from "./image-header.ts";
import type { SoundPart } from "./types.ts";

const dataUrlStart = /^data:image\/[\w.+-]{1,32};base64,/;

/**
 * @param param where the image stands in the request
 * @throws GatewayError 400
 */
export function checkDataUrl(url: string, maxPixels: number, param: string): void {
  const [start] = dataUrlStart.exec(url.slice(0, 64)) ?? [];
  if (start === undefined) throw unusable(param, "must be written as data:image/png;base64,...");
  usableHeader(imageHeader(bytesOfBase64(url, start.length)), maxPixels, param);
}

/**
 * A fetched image as the `data:` URL that an engine gets.
 * @throws GatewayError 400
 */
export function dataUrlOf(bytes: Buffer, maxPixels: number, param: string): string {
  const { mediaType } = usableHeader(imageHeader(bytesOf(bytes)), maxPixels, param);
  return `data:${mediaType};base64,${bytes.toString("base64")}`;
}

/**
 * A sound as an engine gets it, in base64: without what it says of its own length.
 * @param param where the sound stands in the request
 * @throws GatewayError 400, 413
 */
export function usableSound(
  { data, format }: SoundPart["input_audio"],
  maxMegabytes: number,
  param: string,
): string {
  const sizeBytes = Buffer.byteLength(data, "base64");
  if (sizeBytes > maxMegabytes * bytesPerMegabyte)
    throw new GatewayError("payload_too_large", `\`${param}\` is larger than ${maxMegabytes} MB.`, { param });
  const bytes = Buffer.from(data, "base64");
  if (bytes.length !== sizeBytes) throw unusable(param, "is no base64"); // Node skips what is none.
  return Buffer.concat(openSoundPart(bytes, format, param).pieces).toString("base64");
}

export function unusable(param: string, fault: string): GatewayError {
  return new GatewayError("invalid_request", `\`${param}\` ${fault}.`, { param });
}

function usableHeader(header: ImageHeader | null, maxPixels: number, param: string): ImageHeader {
  const pixels = header ? header.width * header.height : 0;
  if (!header || pixels === 0)
    throw unusable(param, "is no image that can be read: PNG, JPEG, GIF, WebP and BMP are taken, in base64");
  if (pixels <= maxPixels) return header;
  throw unusable(
    param,
    `has ${header.width} x ${header.height} pixels, and at most ${maxPixels} are taken in all: make it smaller`,
  );
}
