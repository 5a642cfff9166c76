/** Models elsewhere: searching the hub, and fetching from it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { type DownloadReply, downloadReply, hubFilesReply } from "../../lib/admin/schemas/models-hub.ts";
import { downloadListAnswer, hubSearchAnswer } from "../../lib/openapi/paths/admin-hub.ts";
import { chooseEntry, chooseRepository, readWanted } from "../choose-download.ts";
import { CommandError } from "../command-error.ts";
import { Gateway, type GatewayAddress } from "../gateway.ts";
import { bytes, print, table, wantsJson } from "../output.ts";
import { clearProgress, progressBar, showProgress } from "../progress.ts";
import { type LoadOptions, load, withLoadOptions } from "./slots.ts";

const pollMs = 500;
const searchLimit = 50;

interface PullOptions extends LoadOptions {
  /** False by `--no-load`. */
  load: boolean;
}

/** `search` and `pull`. */
export function addHubCommands(program: Command): void {
  program
    .command("search <words...>")
    .description("GGUF models on the hub, the most downloaded first")
    .action(async (words: string[], _options, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const answer = await search(gateway, words.join(" "));
      const lines = table(answer.data, [
        { heading: "REPOSITORY", value: ({ id }) => id },
        { heading: "DOWNLOADS", value: ({ downloads }) => downloads, align: "right" },
        { heading: "LIKES", value: ({ likes }) => likes, align: "right" },
        { heading: "LICENCE", value: ({ license }) => license },
        { heading: "OPEN", value: ({ gated }) => (gated === false ? "yes" : "on consent") },
      ]);
      print(command, answer, lines);
    });
  withLoadOptions(program.command("pull <model>"))
    .description("fetch a model and load it: words of its name, or owner/repository; with :Q4_K_M to choose")
    .option("--no-load", "fetch it only")
    .action(async (text: string, options: PullOptions, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      print(command, ...(await pull(gateway, text, options, wantsJson(command))));
    });
}

/** @returns what came of it, and the same in words */
async function pull(
  gateway: Gateway,
  text: string,
  options: PullOptions,
  quiet: boolean,
): Promise<[result: object, words: string]> {
  const { repoId, words, quantization } = readWanted(text);
  const id = repoId ?? chooseRepository((await search(gateway, words)).data, words).id;
  const query = new URLSearchParams({ repo_id: id });
  const listing = await gateway.get(`/admin/api/models/files?${query}`, hubFilesReply);
  const { entry, reason } = chooseEntry(listing, quantization, options.force ?? false);
  if (!quiet) console.error(`${id}: ${entry.name}, ${bytes(entry.size_bytes)}. ${reason}`.trimEnd());
  const order = { repo_id: id, filename: entry.filename, revision: listing.revision };
  const ordered = await gateway.send("POST", "/admin/api/models/download", order, downloadReply);
  const download = await whenDone(gateway, ordered, quiet);
  const [file] = download.files;
  if (!file) throw new CommandError(`${download.name} came without a file.`);
  if (!options.load) return [{ download }, `${file.path} is here.`];
  const slot = await load(gateway, file.path, options, quiet);
  return [{ download, slot }, `${slot.model_name} is ready in slot ${slot.port}.`];
}

function search(gateway: Gateway, words: string) {
  const query = new URLSearchParams({ q: words, limit: String(searchLimit) });
  return gateway.get(`/admin/api/models/search?${query}`, hubSearchAnswer);
}

/** @throws CommandError where it failed, or somebody stopped it */
async function whenDone(gateway: Gateway, ordered: DownloadReply, quiet: boolean): Promise<DownloadReply> {
  let download: DownloadReply | undefined = ordered;
  while (download && download.status !== "done") {
    if (["failed", "paused", "cancelled"].includes(download.status)) throw stopped(download);
    const { done_bytes, size_bytes, bytes_per_s, eta_s } = download;
    const bar = { doneBytes: done_bytes, sizeBytes: size_bytes, bytesPerS: bytes_per_s, etaS: eta_s };
    if (!quiet) showProgress(download.status === "running" ? progressBar(bar) : `${download.status} ...`);
    await sleep(pollMs);
    const { data } = await gateway.get("/admin/api/models/downloads", downloadListAnswer);
    download = data.find(({ id }) => id === ordered.id);
  }
  if (!quiet) clearProgress();
  if (download) return download;
  throw new CommandError(`${ordered.name} was cancelled.`);
}

function stopped({ id, name, status, error }: DownloadReply): CommandError {
  const hint =
    status === "cancelled" ? null : `\`downloads continue ${id}\`, or the same again, goes on with it.`;
  return new CommandError([`${name} is ${status}.`, error, hint].filter(Boolean).join(" "));
}
