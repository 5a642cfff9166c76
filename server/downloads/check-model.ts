/** Whether what was fetched is a model: a server may send a web page under a model's name, and a sum says only that it did. */
import { errorCode } from "../../lib/error-code.mjs";
import { readModelFacts } from "../../lib/models/model-files.ts";
import { Trouble } from "./trouble.ts";

/**
 * Reads the header of a file, or of one part of a split model, which has one of its own.
 * @param file absolute; it has another name yet
 * @param name what it will be called
 * @throws Trouble where it is damaged or no model; Error where the disk does not give it
 */
export async function checkModel(file: string, name: string): Promise<void> {
  await readModelFacts(file, [], name).catch((error: unknown) => {
    if (!(error instanceof Error) || errorCode(error) !== undefined) throw error;
    throw new Trouble("failed", `${name} is damaged or no model: ${error.message}. What came was removed.`);
  });
}
