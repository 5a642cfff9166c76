/** Images and sounds are looked at before an engine gets them: what cannot be used is refused, with the reason. */
import { GatewayError } from "../errors.ts";
import { base64Bytes, bytesOf, bytesOfBase64 } from "./bytes.ts";
import { type ImageHeader, imageHeader } from "./image-header.ts";
import { soundFault } from "./sound-header.ts";
import type { SoundPart } from "./types.ts";

const bytesPerMegabyte = 1024 * 1024;
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

/** @throws GatewayError 400, 413 */
export function checkSound({ data, format }: SoundPart["input_audio"], maxMegabytes: number, param: string) {
  const sizeBytes = base64Bytes(data);
  if (sizeBytes > maxMegabytes * bytesPerMegabyte)
    throw new GatewayError("payload_too_large", `\`${param}\` is larger than ${maxMegabytes} MB.`, { param });
  const fault = soundFault(bytesOfBase64(data), sizeBytes, format);
  if (fault) throw unusable(param, fault);
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
