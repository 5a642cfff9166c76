/** llama-server's command line. Facts about its options: `llama-server --help` of 0.5.0 and 0.7.0. */
import type { Pooling } from "../../../lib/models/gguf-facts.ts";
import { type ExtraOptions, extraArguments } from "../../../lib/slots/extra-options.ts";

export interface LlamaSettings {
  port: number;
  /** Name it reports, by which a stranger on the port is told apart. */
  alias: string;
  /** Absolute path of a file that holds the engine's own key: neither argv nor environment show it. */
  keyFile: string;
  modelFile: string;
  mmprojFile: string | null;
  serves: "text" | "embedding" | "rerank";
  pooling: Pooling | null;
  /** Tokens per request, not of all requests together. */
  ctxSize: number;
  parallel: number;
  threads: number;
  batchSize: number;
  /** Of what is computed at once; null: as `batchSize`. */
  ubatchSize: number | null;
  gpuLayers: number | "auto";
  flashAttention: boolean;
  mlock: boolean;
  /** As `q8_0`. */
  cacheTypeK: string;
  cacheTypeV: string;
  /** Attention head size; null where unknown. */
  headSize: number | null;
  cacheRamMb: number;
  isolatePromptCache: boolean;
  /** One of llama.cpp's own, or an absolute path; null: the file's. */
  chatTemplate: { name: string } | { file: string } | null;
  reasoningFormat: string | null;
  /** Tokens; -1: without a limit. */
  reasoningBudget: number | null;
  draft: DraftSettings | null;
  extra: ExtraOptions;
}

/** A smaller model that guesses ahead; null: as llama-server has it. */
export interface DraftSettings {
  /** Absolute. */
  modelFile: string;
  maxTokens: number | null;
  minTokens: number | null;
  minProbability: number | null;
  gpuLayers: number | null;
}

/** Names of one option over the versions, newest first, with its value where it takes one. */
interface Option {
  names: readonly string[];
  value?: string;
  /** What is lost where this version knows none of the names; absent where nothing is. */
  loss?: string;
}

/**
 * @param known what the installed version understands: what it does not is left out
 * @returns the arguments, and in words what had to be left out
 */
export function llamaCommand(
  settings: LlamaSettings,
  known: ReadonlySet<string>,
): { args: string[]; warnings: string[] } {
  const cache = cacheTypes(settings);
  const options = [
    ...serverOptions(settings),
    ...modelOptions(settings),
    ...memoryOptions(settings, cache.key, cache.value),
    ...chatOptions(settings),
    ...draftOptions(settings.draft),
    ...extraArguments(settings.extra).map(({ name, value }) => ({
      names: [name],
      value,
      loss: "it is left out",
    })),
  ];
  const args: string[] = [];
  const warnings = [...cache.warnings];
  for (const { names, value, loss } of options) {
    const name = names.find((candidate) => known.has(candidate));
    if (name !== undefined) args.push(name, ...(value === undefined ? [] : [value]));
    else if (loss) warnings.push(`This llama-server has no ${names[0]}: ${loss}.`);
  }
  return { args, warnings };
}

/** Who can reach it, and what it shows. */
function serverOptions({ port, alias, keyFile }: LlamaSettings): Option[] {
  return [
    { names: ["--host"], value: "127.0.0.1" },
    { names: ["--port"], value: String(port) },
    { names: ["--alias"], value: alias },
    { names: ["--api-key-file"], value: keyFile },
    { names: ["--no-ui", "--no-webui"] },
    { names: ["--no-slots"] },
    { names: ["--cors-origins"], value: "localhost" },
    { names: ["--metrics"] },
    { names: ["--offline"] },
    // Sent by threads that only wait for the model, they would pass for progress of an engine that hangs.
    { names: ["--sse-ping-interval"], value: "-1" },
  ];
}

function modelOptions(settings: LlamaSettings): Option[] {
  const { modelFile, mmprojFile, serves, pooling, ctxSize, parallel, threads } = settings;
  // An encoder takes its input in one physical batch, or refuses it.
  const batchSize = serves === "text" ? settings.batchSize : Math.max(settings.batchSize, ctxSize);
  const ubatchSize = serves === "text" ? Math.min(settings.ubatchSize ?? batchSize, batchSize) : batchSize;
  const options: Option[] = [
    { names: ["--model"], value: modelFile },
    { names: ["--parallel"], value: String(parallel) },
    { names: ["--ctx-size"], value: String(ctxSize * parallel) },
    // One shared cache would let a long request take the others' share.
    { names: ["--no-kv-unified"] },
    { names: ["--no-context-shift"] },
    { names: ["--threads"], value: String(threads) },
    { names: ["--batch-size"], value: String(batchSize) },
    { names: ["--ubatch-size"], value: String(ubatchSize) },
  ];
  if (mmprojFile !== null) options.push({ names: ["--mmproj"], value: mmprojFile, loss: "text only" });
  if (serves === "text") options.push({ names: ["--jinja"] });
  if (serves === "embedding") options.push({ names: ["--embedding", "--embeddings"] });
  if (serves === "rerank") options.push({ names: ["--rerank", "--reranking"] });
  if (pooling !== null) options.push({ names: ["--pooling"], value: pooling });
  return options;
}

function memoryOptions(settings: LlamaSettings, keyType: string, valueType: string): Option[] {
  const { gpuLayers, flashAttention, mlock, cacheRamMb, isolatePromptCache } = settings;
  const options: Option[] = [
    { names: ["--flash-attn"], value: flashAttention ? "on" : "off" },
    { names: ["--cache-type-k"], value: keyType },
    { names: ["--cache-type-v"], value: valueType },
    {
      names: ["--cache-ram"],
      value: String(isolatePromptCache || mixesUpPrompts(settings) ? 0 : cacheRamMb),
      loss: "cache_ram_mb has no effect",
    },
  ];
  if (gpuLayers !== "auto")
    options.push({ names: ["--gpu-layers", "--n-gpu-layers"], value: String(gpuLayers) });
  if (isolatePromptCache) options.push({ names: ["--no-cache-prompt"], loss: "prompts are not isolated" });
  // Versions before 0.6 have the first, later ones the second.
  if (mlock) options.push({ names: ["--mlock"] }, { names: ["--load-mode"], value: "mmap+mlock" });
  return options;
}

function chatOptions({ chatTemplate, reasoningFormat, reasoningBudget }: LlamaSettings): Option[] {
  const options: Option[] = [];
  if (chatTemplate && "name" in chatTemplate)
    options.push({
      names: ["--chat-template"],
      value: chatTemplate.name,
      loss: "the file's template is used",
    });
  if (chatTemplate && "file" in chatTemplate)
    options.push({
      names: ["--chat-template-file"],
      value: chatTemplate.file,
      loss: "the model's own template is used",
    });
  if (reasoningFormat !== null)
    options.push({ names: ["--reasoning-format"], value: reasoningFormat, loss: "it has no effect" });
  if (reasoningBudget !== null)
    options.push({
      names: ["--reasoning-budget"],
      value: String(reasoningBudget),
      loss: "thoughts have no limit of their own",
    });
  return options;
}

function draftOptions(draft: DraftSettings | null): Option[] {
  if (!draft) return [];
  const { modelFile, maxTokens, minTokens, minProbability, gpuLayers } = draft;
  const options: Option[] = [
    { names: ["--spec-draft-model", "--model-draft"], value: modelFile, loss: "no speculative decoding" },
    // 0.7.0 loads the draft model and leaves it idle without this; earlier versions have no such option.
    { names: ["--spec-type"], value: "draft-simple" },
  ];
  const numbers: [string[], number | null][] = [
    [["--spec-draft-n-max", "--draft-max"], maxTokens],
    [["--spec-draft-n-min", "--draft-min"], minTokens],
    [["--spec-draft-p-min", "--draft-p-min"], minProbability],
    [["--spec-draft-ngl", "--gpu-layers-draft"], gpuLayers],
  ];
  for (const [names, value] of numbers)
    if (value !== null) options.push({ names, value: String(value), loss: "it has no effect" });
  return options;
}

/**
 * After a request for several choices llama-server (0.7.0) keeps prompts in that memory under the text of others, and
 * answers later requests by them, whoever sent those. It takes several sequences, each with a context of its own. What a
 * sequence still holds of its last request is sound, and is used all the same.
 */
function mixesUpPrompts({ parallel }: LlamaSettings): boolean {
  return parallel > 1;
}

/** llama.cpp exits when heads do not fill whole blocks of 32, or quantised values come without flash attention. */
export function cacheTypes({
  cacheTypeK,
  cacheTypeV,
  headSize,
  flashAttention,
  serves,
}: Omit<LlamaSettings, "port" | "keyFile">) {
  const warnings: string[] = [];
  if (serves !== "text") return { key: plainType(cacheTypeK), value: plainType(cacheTypeV), warnings };
  let [key, value] = [cacheTypeK, cacheTypeV];
  const quantised = [key, value].find((type) => !isPlain(type));
  if (quantised !== undefined && headSize !== null && headSize % 32 !== 0) {
    warnings.push(
      `The context is stored as f16: ${quantised} needs a head size that is a multiple of 32, here it is ${headSize}.`,
    );
    [key, value] = [plainType(key), plainType(value)];
  }
  if (!flashAttention && !isPlain(value)) {
    warnings.push(`The context's values are stored as f16: ${value} needs flash_attention.`);
    value = "f16";
  }
  return { key, value, warnings };
}

function isPlain(type: string): boolean {
  return ["f32", "f16", "bf16"].includes(type);
}

function plainType(type: string): string {
  return isPlain(type) ? type : "f16";
}
