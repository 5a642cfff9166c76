/** An admin removes a model from the disk. */
import { realpath } from "node:fs/promises";
import path from "node:path";
import { GatewayError } from "../errors.ts";
import { confineDeletion, planRemoval, removeFiles } from "../models/delete-model.ts";
import { names, slotsThatNeed } from "../models/model-users.ts";
import type { Actor } from "../money/types.ts";
import type { Runtime } from "../runtime.ts";
import { audit } from "./audit.ts";
import { megabytes } from "./local-models.ts";
import type { DeletedModelReply } from "./schemas/model-files.ts";

/**
 * @param named a path as the client named it
 * @throws GatewayError 400 for a path that is not to be removed, 404 for one that is not there, 409 while a slot needs it
 */
export async function deleteLocalModel(
  named: string,
  services: Runtime,
  actor: Actor,
): Promise<DeletedModelReply> {
  const { slots, config } = services;
  const modelsDir = path.join(services.environment.dataDir, "models");
  const file = await confineDeletion(named, modelsDir);
  const models = await slots.localModels();
  const { slots: wishes, models: options } = config.current;
  const isNamed = (projector: string) => names([wishes, options], [projector], modelsDir);
  const { model, files } = planRemoval(file, models, modelsDir, isNamed);
  // A projector is needed by whoever runs a model with it.
  const seeing = models
    .filter(({ mmprojPath }) => mmprojPath && path.resolve(modelsDir, mmprojPath) === file)
    .flatMap((one) => one.files.map((part) => path.resolve(modelsDir, part)));
  const removed = await inBothSpellings([...files, ...seeing], modelsDir);
  const ports = slotsThatNeed(removed, await slots.snapshot(), config.current, modelsDir);
  if (ports.length > 0) throw inUse(path.basename(file), ports);
  const [dependent] = Object.keys(options).filter(
    (id) => id !== model?.id && names(options[id], files, modelsDir),
  );
  if (dependent !== undefined) throw namedBy(dependent, path.basename(file));
  const shown = files.map((one) => path.relative(modelsDir, one));
  await audit(services, actor, "model.delete", `model:${model?.id ?? path.basename(file)}`, { files: shown });
  const freedBytes = await removeFiles(files, modelsDir);
  // Requests must not be offered what is gone.
  await slots.localModels();
  return { deleted: shown.toReversed(), freed_mb: megabytes(freedBytes) };
}

/** Below the models folder as it is called, and as it really is: links may lead to a file by either. */
async function inBothSpellings(files: readonly string[], modelsDir: string): Promise<string[]> {
  const real = await realpath(modelsDir);
  return files.flatMap((file) => [file, path.join(real, path.relative(modelsDir, file))]);
}

function namedBy(id: string, name: string): GatewayError {
  const message = `The settings of ${id} name ${name}, as its draft model or projector. Change them first.`;
  return new GatewayError("conflict", message, { param: "path" });
}

function inUse(name: string, ports: readonly number[]): GatewayError {
  const slots = ports.length === 1 ? `Slot ${ports[0]} needs` : `Slots ${ports.join(", ")} need`;
  return new GatewayError("conflict", `${slots} ${name}. Unload first, then delete.`, { param: "path" });
}
