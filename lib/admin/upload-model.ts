/** An admin sends a model file. */
import path from "node:path";
import { GatewayError } from "../errors.ts";
import { receiveModel } from "../models/receive-model.ts";
import type { Actor } from "../money/types.ts";
import type { Runtime } from "../runtime.ts";
import { audit } from "./audit.ts";
import { localModelReply, megabytes } from "./local-models.ts";
import type { UploadedModelReply } from "./schemas/model-files.ts";

/**
 * @param name a file name that was checked
 * @param request its body is the file; it is written as it comes
 * @throws GatewayError 415 for another media type, 400 without a length, and what `receiveModel` throws
 */
export async function uploadModel(
  name: string,
  request: Request,
  services: Runtime,
  actor: Actor,
): Promise<UploadedModelReply> {
  const modelsDir = path.join(services.environment.dataDir, "models");
  const sizeBytes = lengthOf(request);
  const { signal } = request;
  const { uploads } = services;
  const body = request.body ?? new Blob([]).stream();
  await receiveModel({ name, sizeBytes, body, signal, uploads }, modelsDir);
  await audit(services, actor, "model.upload", `model:${name}`, { bytes: sizeBytes });
  const models = await services.slots.localModels();
  const model = models.find(({ files }) => files.includes(name));
  return { path: name, size_mb: megabytes(sizeBytes), model: model ? localModelReply(model) : null };
}

function lengthOf({ headers }: Request): number {
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/octet-stream") {
    const message = "The body is the file itself: send it with Content-Type: application/octet-stream.";
    throw new GatewayError("unsupported_media_type", message);
  }
  const length = headers.get("content-length") ?? "";
  if (!/^\d{1,15}$/.test(length)) {
    const message = "Send a Content-Length: the disk has to have room before the file comes.";
    throw new GatewayError("invalid_request", message);
  }
  return Number(length);
}
