/** The hub's and the downloads' facts in the admin API's words. */
import type { DownloadOrder, DownloadSnapshot } from "../downloads/types.ts";
import type { SizeVerdict } from "../fit/quantizations.ts";
import { listEntries } from "../hub/listing.ts";
import type { HubFile, HubModel, HubRepository, SizeFit } from "../hub/types.ts";
import type { DownloadBody, DownloadReply, HubFilesReply, HubModelReply } from "./schemas/models-hub.ts";

export function hubModelReply(model: HubModel): HubModelReply {
  return { id: model.id, ...factsOf(model) };
}

/** @param fit judges the models; null where nobody can tell */
export function hubFilesReply(repository: HubRepository, fit: SizeFit | null): HubFilesReply {
  const { entries, projectors } = listEntries(repository.files);
  const projectorBytes = (path: string | null) =>
    projectors.find((projector) => projector.path === path)?.sizeBytes ?? 0;
  const loaded = entries.map((entry) => ({
    ...entry,
    sizeBytes: entry.sizeBytes + projectorBytes(entry.projector),
  }));
  const verdicts = loaded.map(({ sizeBytes }) => fit?.judge(sizeBytes) ?? null);
  const best = fit?.recommend(loaded.filter(({ missingParts }) => missingParts.length === 0)) ?? null;
  return {
    repo_id: repository.id,
    revision: repository.revision,
    ...factsOf(repository),
    recommended: best && { filename: best.file.path, reason: best.reason },
    files: entries.map((entry, index) => ({
      name: entry.name,
      quantization: entry.quantization,
      filename: entry.path,
      size_bytes: entry.sizeBytes,
      files: entry.files.map(fileReply),
      missing_parts: entry.missingParts,
      mmproj: entry.projector,
      fit: fitReply(verdicts[index] ?? null),
    })),
    projectors: projectors.map(({ quantization, belongsTo, ...file }) => ({
      ...fileReply(file),
      quantization,
      belongs_to: belongsTo,
    })),
  };
}

/** @param body checked: it has one of the two forms */
export function downloadOrder(body: DownloadBody): DownloadOrder {
  const { url, sha256, repo_id = "", filename = "", revision, projector } = body;
  return url === undefined ? { repoId: repo_id, filename, revision, projector } : { url, sha256, projector };
}

export function downloadReply(download: DownloadSnapshot): DownloadReply {
  return {
    id: download.id,
    source: download.source,
    repo_id: download.repoId,
    revision: download.revision,
    url: download.url,
    name: download.name,
    status: download.status,
    error: download.error,
    size_bytes: download.sizeBytes,
    done_bytes: download.doneBytes,
    bytes_per_s: download.bytesPerS,
    eta_s: download.etaS,
    created_at: secondsOf(download.createdAtMs),
    finished_at: download.finishedAtMs === null ? null : secondsOf(download.finishedAtMs),
    files: download.files.map(({ path, sizeBytes, doneBytes, sha256, done }) => ({
      path,
      size_bytes: sizeBytes,
      done_bytes: doneBytes,
      sha256,
      done,
    })),
  };
}

function fitReply(fit: SizeVerdict | null) {
  if (fit === null) return null;
  const { verdict, requiredBytes, availableBytes, sentence } = fit;
  return { verdict, required_bytes: requiredBytes, available_bytes: availableBytes, sentence };
}

function factsOf({ downloads, likes, gated, license, updatedMs, task, tags, ...model }: HubModel) {
  const updated_at = updatedMs === null ? null : secondsOf(updatedMs);
  return { downloads, likes, gated, private: model.private, license, updated_at, task, tags };
}

const fileReply = ({ path, sizeBytes, sha256 }: HubFile) => ({ path, size_bytes: sizeBytes, sha256 });

const secondsOf = (ms: number) => Math.floor(ms / 1000);
