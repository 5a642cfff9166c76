/** Model files as an operator names them. */
import type { LocalModelReply } from "../lib/admin/schemas/model-files.ts";
import { localModelsAnswer } from "../lib/openapi/answers/model-files.ts";
import { CommandError } from "./command-error.ts";
import type { Gateway } from "./gateway.ts";

const maxCandidates = 10;

/**
 * The one file that is meant: by its path, its name, or a part of the name.
 * @throws CommandError where none, or more than one, fits
 */
export async function findModel(gateway: Gateway, named: string): Promise<LocalModelReply> {
  const { models } = await gateway.get("/admin/api/models/local", localModelsAnswer);
  return chooseModel(models, named);
}

/** @throws CommandError where none, or more than one, fits */
export function chooseModel(models: readonly LocalModelReply[], named: string): LocalModelReply {
  const wanted = named.toLowerCase().replace(/\.gguf$/, "");
  const exact = models.find(({ name, path }) => path === named || name.toLowerCase() === wanted);
  if (exact) return exact;
  const fitting = models.filter(({ name }) => name.toLowerCase().includes(wanted));
  const [only, second] = fitting;
  if (only && !second) return only;
  if (!only)
    throw new CommandError(`There is no model '${named}' here. \`models\` lists them, \`pull\` fetches one.`);
  const names = fitting.slice(0, maxCandidates).map(({ name }) => name);
  throw new CommandError(`'${named}' fits several models: ${names.join(", ")}.`);
}
