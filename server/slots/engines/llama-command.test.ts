import { describe, expect, it } from "vitest";
import { optionsIn } from "./llama-binary.ts";
import { type LlamaSettings, llamaCommand } from "./llama-command.ts";

const settings: LlamaSettings = {
  port: 4801,
  alias: "folder/Model-Q4",
  keyFile: "/data/run/slot-4801.key",
  modelFile: "/data/models/Model-Q4.gguf",
  mmprojFile: null,
  serves: "text",
  pooling: null,
  ctxSize: 8192,
  parallel: 4,
  threads: 2,
  batchSize: 512,
  ubatchSize: null,
  gpuLayers: "auto",
  flashAttention: true,
  mlock: true,
  cacheTypeK: "q8_0",
  cacheTypeV: "q8_0",
  headSize: 128,
  cacheRamMb: 512,
  isolatePromptCache: false,
  chatTemplate: null,
  reasoningFormat: null,
  reasoningBudget: null,
  draft: null,
  extra: {},
};

/** What 0.7.0 understands of what we may pass. */
const newer = new Set(
  (
    "--host --port --alias --api-key-file --no-ui --no-slots --cors-origins --metrics --offline " +
    "--sse-ping-interval --model --parallel " +
    "--ctx-size --no-kv-unified --no-context-shift --threads --batch-size --ubatch-size --mmproj --jinja --embedding " +
    "--rerank --pooling --flash-attn --cache-type-k --cache-type-v --cache-ram --gpu-layers --no-cache-prompt --load-mode " +
    "--chat-template --chat-template-file --reasoning-format --reasoning-budget --spec-draft-model --spec-type " +
    "--spec-draft-n-max --spec-draft-n-min --spec-draft-p-min --spec-draft-ngl --rope-scaling --rope-scale --cpu-moe"
  ).split(" "),
);

function command(changes: Partial<LlamaSettings> = {}, known: ReadonlySet<string> = newer) {
  const { args, warnings } = llamaCommand({ ...settings, ...changes }, known);
  return { line: args.join(" "), warnings };
}

describe("the command line", () => {
  it("is bound to this machine, to our key, and shows nothing else", () => {
    const { line, warnings } = command();
    expect(line).toBe(
      "--host 127.0.0.1 --port 4801 --alias folder/Model-Q4 --api-key-file /data/run/slot-4801.key --no-ui --no-slots " +
        "--cors-origins localhost --metrics --offline --sse-ping-interval -1 " +
        "--model /data/models/Model-Q4.gguf --parallel 4 --ctx-size 32768 " +
        "--no-kv-unified --no-context-shift --threads 2 --batch-size 512 --ubatch-size 512 --jinja --flash-attn on " +
        "--cache-type-k q8_0 --cache-type-v q8_0 --cache-ram 0 --load-mode mmap+mlock",
    );
    expect(warnings).toEqual([]);
  });

  it.each([
    ["a head size that is no multiple of 32", { headSize: 80 }, "f16", "f16", 1],
    ["an unknown head size", { headSize: null }, "q8_0", "q8_0", 0],
    ["no flash attention", { flashAttention: false }, "q8_0", "f16", 1],
    ["f16 with any head size", { headSize: 80, cacheTypeK: "f16", cacheTypeV: "f16" }, "f16", "f16", 0],
    ["an encoder, which has no cache", { serves: "embedding", headSize: 80 }, "f16", "f16", 0],
  ] as const)("stores the context as the model allows: %s", (_what, changes, keys, values, warned) => {
    const { line, warnings } = command(changes);
    expect(line).toContain(`--cache-type-k ${keys} --cache-type-v ${values}`);
    expect(warnings).toHaveLength(warned);
  });

  it("gives an encoder room for its whole input in one batch", () => {
    const { line } = command({ serves: "embedding", ctxSize: 2048, pooling: "last" });
    expect(line).toContain("--batch-size 2048 --ubatch-size 2048 --embedding --pooling last");
    expect(line).not.toContain("--jinja");
    expect(command({ serves: "rerank" }).line).toContain("--rerank");
  });

  it("passes what was asked for", () => {
    const { line } = command({
      gpuLayers: 0,
      mmprojFile: "/m/mmproj.gguf",
      mlock: false,
      isolatePromptCache: true,
    });
    expect(line).toContain("--mmproj /m/mmproj.gguf");
    expect(line).toContain("--gpu-layers 0");
    expect(line).toContain("--cache-ram 0");
    expect(line).toContain("--no-cache-prompt");
    expect(line).not.toContain("mlock");
  });

  it("computes as many prompt tokens at once as it may, and no more than a batch has", () => {
    expect(command({ ubatchSize: 128 }).line).toContain("--batch-size 512 --ubatch-size 128");
    expect(command({ ubatchSize: 1024 }).line).toContain("--batch-size 512 --ubatch-size 512");
  });

  it("stores keys and values as each is told", () => {
    const { line } = command({ cacheTypeK: "q4_0", cacheTypeV: "f16" });
    expect(line).toContain("--cache-type-k q4_0 --cache-type-v f16");
  });

  it("names a template, a way to think, a model that guesses ahead, and further options", () => {
    const draft = {
      modelFile: "/m/small.gguf",
      maxTokens: 8,
      minTokens: null,
      minProbability: 0.5,
      gpuLayers: 0,
    };
    const { line, warnings } = command({
      chatTemplate: { name: "chatml" },
      reasoningFormat: "deepseek",
      reasoningBudget: 0,
      draft,
      extra: { "--rope-scaling": "yarn", "--rope-scale": 2, "--cpu-moe": true },
    });
    expect(line).toContain("--chat-template chatml --reasoning-format deepseek --reasoning-budget 0");
    expect(line).toContain(
      "--spec-draft-model /m/small.gguf --spec-type draft-simple --spec-draft-n-max 8 --spec-draft-p-min 0.5 " +
        "--spec-draft-ngl 0 --rope-scaling yarn --rope-scale 2 --cpu-moe",
    );
    expect(warnings).toEqual([]);
    expect(command({ chatTemplate: { file: "/m/a.jinja" } }).line).toContain(
      "--chat-template-file /m/a.jinja",
    );
    expect(command({ extra: { "--swa-full": true } }).warnings).toEqual([
      "This llama-server has no --swa-full: it is left out.",
    ]);
  });

  it("keeps prompts in memory only where there is one sequence: llama-server mixes up those of several", () => {
    expect(command({ parallel: 1 }).line).toContain("--cache-ram 512");
    expect(command({ parallel: 2 }).line).toContain("--cache-ram 0");
    expect(command({ parallel: 2 }).line).not.toContain("--no-cache-prompt");
  });

  it("keeps to what an older version knows, and says what is lost", () => {
    const older = new Set([...newer, "--no-webui", "--mlock", "--embeddings"]);
    for (const name of ["--no-ui", "--load-mode", "--cache-ram", "--embedding", "--offline"])
      older.delete(name);
    const { line, warnings } = command({ serves: "embedding" }, older);
    expect(line).toContain("--no-webui");
    expect(line).toContain("--embeddings");
    expect(line).toMatch(/--mlock$/);
    expect(line).not.toContain("--offline");
    expect(warnings).toEqual(["This llama-server has no --cache-ram: cache_ram_mb has no effect."]);
  });
});

describe("the options that --help lists", () => {
  const help = `----- common params -----

-h,    --help, --usage                  print usage and exit
-t,    --threads N                      number of threads (default: same as --threads-batch)
-kvu,  --kv-unified, -no-kvu, --no-kv-unified
                                        use a single buffer, see --not-this-one
--spec-draft-hf, -hfd, -hfrd, --hf-repo-draft <user>/<model>[:quant]
                                        Same as --hf-repo, but for the draft model
`;

  it("are found, and no others", () => {
    expect([...optionsIn(help)]).toEqual([
      "--help",
      "--usage",
      "--threads",
      "--kv-unified",
      "--no-kv-unified",
      "--spec-draft-hf",
      "--hf-repo-draft",
    ]);
  });
});
