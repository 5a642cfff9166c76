/** What a load request means for llama-server: which files, which settings, and what had to be left out. */
import path from "node:path";
import type { Config } from "../../../lib/config/schema.ts";
import { GatewayError } from "../../../lib/errors.ts";
import type { Catalogue, CatalogueModel } from "../../../lib/models/catalogue.ts";
import { capabilitiesOf, type DetectedType, detectType } from "../../../lib/models/detect-type.ts";
import { isDraftArchitecture } from "../../../lib/models/foreign-architectures.ts";
import { confineModelPath, confineTemplatePath } from "../../../lib/models/model-path.ts";
import type { LoadRequest } from "../../../lib/slots/types.ts";
import { physicalCores } from "../physical-cores.ts";
import type { PlannedEngine } from "./engine.ts";
import { engineFiles } from "./engine-files.ts";
import type { LlamaSettings } from "./llama-command.ts";
import { type Options, resolveOptions } from "./load-options.ts";

export type LlamaPlan = Omit<PlannedEngine, "start"> & {
  /** All but what only a start can know. */
  settings: Omit<LlamaSettings, "port" | "keyFile">;
};

/**
 * What the request leaves out comes from its preset, then from the model's own settings, then from `performance`.
 * @throws GatewayError 400 for a path that is not to be used, 422 for a file that is no model
 */
export async function planLlama(
  request: LoadRequest,
  config: Config,
  catalogue: Catalogue,
): Promise<LlamaPlan> {
  const { model_path: modelPath, ...asked } = request;
  if (modelPath === undefined)
    throw new GatewayError("invalid_request", "A load request names a model_path or a remote.", {
      param: "model_path",
    });
  const modelFile = await confineModelPath(modelPath, catalogue.folders(), "model_path");
  const model = await catalogue.find(modelFile);
  if (!model) throw new GatewayError("unprocessable", `'${path.basename(modelFile)}' is not a model.`);
  if (model.error) throw new GatewayError("unprocessable", `${model.id}: ${model.error}`);
  if (model.engine !== "llama-server") throw new GatewayError("unprocessable", noEngineYet(model));
  const warnings: string[] = [];
  const options = resolveOptions(model.id, asked, config, warnings);
  const mmproj = await chooseProjector(model, options, catalogue);
  const detected = resolveType(model, options, mmproj);
  const ctxSize = contextSize(options.ctx_size, model, config, warnings);
  const parallel = options.parallel ?? config.performance.parallel;
  const draft = await chooseDraft(options, catalogue);
  const threads = options.threads ?? config.default_threads ?? (await physicalCores());
  return {
    model: {
      id: model.id,
      type: detected.type,
      capabilities: capabilitiesOf(detected),
      contextLength: ctxSize,
      createdS: model.modifiedS,
    },
    ctxSize,
    parallel,
    threads,
    // What several links lead to is in the catalogue by one of them, which may be another than was named.
    files: await engineFiles([modelFile, model.file, mmproj?.file, draft?.modelFile]),
    warnings,
    settings: {
      alias: model.id,
      modelFile,
      mmprojFile: mmproj?.file ?? null,
      serves: detected.rerank ? "rerank" : detected.type.endsWith("embedding") ? "embedding" : "text",
      pooling: choosePooling(options, model, detected, warnings),
      ctxSize,
      parallel,
      threads,
      batchSize: options.batch_size ?? config.performance.batch_size,
      ubatchSize: options.ubatch_size ?? null,
      gpuLayers: options.gpu_layers ?? config.performance.gpu_layers,
      flashAttention: options.flash_attention ?? config.performance.flash_attention,
      mlock: options.mlock ?? config.performance.mlock,
      cacheTypeK: options.cache_type_k ?? config.performance.kv_cache_quantization,
      cacheTypeV: options.cache_type_v ?? config.performance.kv_cache_quantization,
      headSize: model.headSize,
      cacheRamMb: config.performance.cache_ram_mb,
      isolatePromptCache: config.isolate_prompt_cache,
      chatTemplate: await chooseTemplate(options, catalogue),
      reasoningFormat: options.reasoning_format ?? null,
      reasoningBudget: options.reasoning_budget ?? null,
      draft,
      extra: options.extra ?? {},
    },
  };
}

function noEngineYet({ id }: CatalogueModel): string {
  return `${id} is a Whisper model of whisper.cpp, for which there is no engine yet: llama-server cannot read it.`;
}

async function chooseTemplate(
  options: Options,
  catalogue: Catalogue,
): Promise<LlamaSettings["chatTemplate"]> {
  const { chat_template: name, chat_template_file: named } = options;
  if (name !== undefined && named !== undefined)
    throw new GatewayError("invalid_request", "Name either chat_template or chat_template_file.", {
      param: "chat_template",
    });
  if (name !== undefined) return { name };
  if (named === undefined) return null;
  return { file: await confineTemplatePath(named, catalogue.folders(), "chat_template_file") };
}

async function chooseDraft({ draft }: Options, catalogue: Catalogue): Promise<LlamaSettings["draft"]> {
  if (!draft) return null;
  const file = await confineModelPath(draft.model_path, catalogue.folders(), "draft.model_path");
  const model = await catalogue.find(file);
  if (!model) throw new GatewayError("unprocessable", `'${path.basename(file)}' is not a model.`);
  if (model.error && !isDraftArchitecture(model.architecture))
    throw new GatewayError("unprocessable", `${model.id}: ${model.error}`);
  return {
    modelFile: file,
    maxTokens: draft.max_tokens ?? null,
    minTokens: draft.min_tokens ?? null,
    minProbability: draft.min_probability ?? null,
    gpuLayers: draft.gpu_layers ?? null,
  };
}

interface Projector {
  file: string;
  vision: boolean;
  audio: boolean;
}

/** The projector asked for, else the one beside the model, unless the model shall be of a type without senses. */
async function chooseProjector(
  model: CatalogueModel,
  options: Options,
  catalogue: Catalogue,
): Promise<Projector | null> {
  const senseless = options.model_type && ["text", "embedding", "tts"].includes(options.model_type);
  const named = options.mmproj_path ?? (senseless ? null : model.mmprojPath);
  if (named === null) return null;
  const file = await confineModelPath(named, catalogue.folders(), "mmproj_path");
  const facts = await catalogue.projector(file);
  if ("error" in facts) throw new GatewayError("unprocessable", `${path.basename(file)}: ${facts.error}`);
  if (facts.kind !== "projector")
    throw new GatewayError("invalid_request", `'${path.basename(file)}' is not a projector.`, {
      param: "mmproj_path",
    });
  return { file, vision: facts.vision, audio: facts.audio };
}

function resolveType(model: CatalogueModel, options: Options, projector: Projector | null): DetectedType {
  const { type, rerank } = detectType(model, model.id, projector);
  const asked = options.model_type ?? type;
  const isEncoder = asked.endsWith("embedding");
  return {
    type: asked,
    rerank: isEncoder && (options.pooling === undefined ? rerank : options.pooling === "rank"),
  };
}

/** An embedding model whose file does not say how to pool gets the usual way for its kind. */
function choosePooling(
  options: Options,
  model: CatalogueModel,
  { type, rerank }: DetectedType,
  warnings: string[],
): LlamaSettings["pooling"] {
  if (options.pooling) return options.pooling;
  if (!type.endsWith("embedding") || rerank || (model.pooling !== null && model.pooling !== "none"))
    return null;
  const usual = type === "vision-embedding" || model.architecture?.includes("bert") ? "mean" : "last";
  warnings.push(`The file does not say how it pools: '${usual}' is used.`);
  return usual;
}

function contextSize(
  asked: number | undefined,
  model: CatalogueModel,
  config: Config,
  warnings: string[],
): number {
  const wanted = asked ?? config.default_ctx_size;
  const trained = model.contextLength;
  if (trained === null || wanted <= trained) return wanted;
  if (asked !== undefined) warnings.push(`ctx_size is ${trained}: the model was not trained for more.`);
  return trained;
}
