/** The quantisation that a file's path names, in the words of llama.cpp and of those who publish such files. */
import { modelName } from "../models/model-id.ts";

const named =
  /(?<![a-z0-9])((?:UD[-_])?(?:I?Q\d(?:_[A-Z0-9]+)*|TQ\d_\d|BF16|F16|FP16|F32|FP32|MXFP4(?:_MOE)?))(?![a-z0-9])/gi;

/** As `Q4_K_M`; null where neither the file's name nor its folder names one. The last one in the path counts. */
export function quantizationOf(path: string): string | null {
  const name = [...modelName(path).matchAll(named)].at(-1)?.[1];
  const label = name ?? [...path.matchAll(named)].at(-1)?.[1];
  return label ? label.toUpperCase().replace(/^FP/, "F").replace(/^UD_/, "UD-") : null;
}

/**
 * The model's name without its quantisation, as all quantisations of it share it: what a projector's name begins with
 * to be taken for theirs (lib/models/projector.ts).
 */
export function baseModelName(path: string): string {
  const name = modelName(path);
  const last = [...name.matchAll(named)].at(-1);
  if (!last || last.index === 0 || !/[-.]/.test(name[last.index - 1] ?? "")) return name;
  return name.slice(0, last.index - 1);
}
