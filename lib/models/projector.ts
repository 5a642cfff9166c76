/** Which projector (`mmproj`) belongs to a model: the files say it by their names alone. */
import { modelName } from "./model-id.ts";

/** Precisions of projectors, best first: f16 is what they are trained in, and small enough for everybody. */
const precisions = ["f16", "bf16", "q8_0", "f32"];
const quantization = /[-_.](ud-)?(i?q\d\w*|tq\d\w*|f16|f32|bf16|mxfp4\w*)$/i;

/** True for a file that is a projector by its name, as `mmproj-model-f16.gguf`. */
export function isProjectorName(file: string): boolean {
  return /mmproj/i.test(modelName(file));
}

/** True for files of one model alone, in one or in several quantisations, as a repository on the hub has them. */
export function areOneModel(modelFiles: readonly string[]): boolean {
  return (
    new Set(modelFiles.map((file) => modelName(file).replace(quantization, "").toLowerCase())).size === 1
  );
}

/**
 * The projector for a model, from those in the same folder.
 * @param alone the folder holds no other model, so that a projector without a model's name (`mmproj-f16`), or
 * one that only its header tells, is its own
 */
export function projectorFor(
  modelFile: string,
  projectorFiles: readonly string[],
  alone: boolean,
): string | null {
  const model = modelName(modelFile).toLowerCase();
  const fitting = projectorFiles.filter((file) => {
    const base = baseName(file);
    return base === "" || !isProjectorName(file)
      ? alone
      : model === base || model.startsWith(`${base}-`) || model.startsWith(`${base}.`);
  });
  const rank = (file: string) => {
    const found = precisions.indexOf(precisionOf(file));
    return found < 0 ? precisions.length : found;
  };
  return fitting.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))[0] ?? null;
}

function precisionOf(file: string): string {
  return (quantization.exec(modelName(file))?.[2] ?? "").toLowerCase();
}

/** The model's name within a projector's: `mmproj-Qwen2.5-VL-7B-f16` gives `qwen2.5-vl-7b`, `mmproj-model-f16` nothing. */
function baseName(file: string): string {
  const base = modelName(file)
    .replace(quantization, "")
    .replace(/[-_.]?mmproj[-_.]?/i, "-")
    .replace(/^[-_.]+|[-_.]+$/g, "")
    .toLowerCase();
  return base === "model" ? "" : base;
}
