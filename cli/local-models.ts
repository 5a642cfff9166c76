/** Model files as an operator names them. */
import type { LocalModelReply } from "../lib/admin/schemas/model-files.ts";
import { localModelsAnswer } from "../lib/openapi/answers/model-files.ts";
import { CommandError } from "./command-error.ts";
import type { Gateway } from "./gateway.ts";

const maxCandidates = 10;

type Choose = (models: readonly LocalModelReply[], named: string) => LocalModelReply;

/**
 * The one file that is meant.
 * @param choose `chooseModel`, or `chooseExactModel` where a wrong guess could not be undone
 * @throws CommandError where none, or more than one, fits
 */
export async function findModel(
  gateway: Gateway,
  named: string,
  choose: Choose = chooseModel,
): Promise<LocalModelReply> {
  const { models } = await gateway.get("/admin/api/models/local", localModelsAnswer);
  return choose(models, named);
}

/** By its path, its name, or a part of the name. @throws CommandError where none, or more than one, fits */
export function chooseModel(models: readonly LocalModelReply[], named: string): LocalModelReply {
  const exact = exactModel(models, named);
  if (exact) return exact;
  const fitting = fittingModels(models, named);
  const [only, second] = fitting;
  if (only && !second) return only;
  if (!only) throw noModel(named);
  throw new CommandError(`'${named}' fits several models: ${namesOf(fitting)}.`);
}

/** By its path or its whole name. @throws CommandError, with the names that it may have meant, where there is none */
export function chooseExactModel(models: readonly LocalModelReply[], named: string): LocalModelReply {
  const exact = exactModel(models, named);
  if (exact) return exact;
  const fitting = fittingModels(models, named);
  if (fitting.length === 0) throw noModel(named);
  throw new CommandError(
    `'${named}' is no model's whole name. Give the whole name, or the file, of: ${namesOf(fitting)}.`,
  );
}

function exactModel(models: readonly LocalModelReply[], named: string): LocalModelReply | undefined {
  const wanted = wholeName(named);
  return (
    models.find(({ path }) => path === named) ?? models.find(({ name }) => name.toLowerCase() === wanted)
  );
}

function fittingModels(models: readonly LocalModelReply[], named: string): LocalModelReply[] {
  return models.filter(({ name }) => name.toLowerCase().includes(wholeName(named)));
}

function wholeName(named: string): string {
  return named.toLowerCase().replace(/\.gguf$/, "");
}

function namesOf(models: readonly LocalModelReply[]): string {
  return models
    .slice(0, maxCandidates)
    .map(({ name }) => name)
    .join(", ");
}

function noModel(named: string): CommandError {
  return new CommandError(`There is no model '${named}' here. \`models\` lists them, \`pull\` fetches one.`);
}
