/** From what an admin asks for to a plan, and what speaks against it. */
import { placeOfAddress } from "../../lib/downloads/local-names.ts";
import { type DownloadPlan, planOfRepository } from "../../lib/downloads/plan.ts";
import type { DownloadOrder } from "../../lib/downloads/types.ts";
import { GatewayError } from "../../lib/errors.ts";
import { parseHubAddress } from "../../lib/hub/names.ts";
import type { Hub } from "../../lib/hub/types.ts";
import { checkDestination, type DestinationRules } from "../addresses/destination.ts";
import { type Download, withoutQuery } from "./download.ts";
import { lackOfSpace, type Room } from "./free-space.ts";
import { fileNames, sizeOf } from "./part-file.ts";

const lookUpMs = 6_000;

/** @throws GatewayError 400 for an address that may not be asked; what the hub refuses */
export async function planOrder(
  order: DownloadOrder,
  hub: Hub,
  { hub_url }: { hub_url: string },
  rules: DestinationRules,
): Promise<DownloadPlan> {
  const named = "url" in order ? parseHubAddress(order.url, hub_url) : order;
  if (named !== null) {
    const repository = await hub.repository(named.repoId, named.revision);
    return planOfRepository(repository, named.filename, order.projector);
  }
  if (!("url" in order)) throw new Error("An order without an address names a repository.");
  const checked = await checkDestination(order.url, rules, AbortSignal.timeout(lookUpMs));
  if ("fault" in checked) throw addressRefusal(checked.fault);
  const { url } = checked;
  url.hash = "";
  const { folder, name } = placeOfAddress(url);
  const sha256 = order.sha256?.toLowerCase() ?? null;
  const file = { path: `${folder}/${name}`, remotePath: "", sizeBytes: null, sha256 };
  return { source: "url", repoId: null, revision: null, url: url.href, name, folder, files: [file] };
}

/** The download that has the same files of the same source: the newest. A signature in an address makes no other source. */
export function findSame(plan: DownloadPlan, downloads: readonly Download[]): Download | null {
  const key = (one: Pick<DownloadPlan, "repoId" | "revision" | "url" | "files">) =>
    JSON.stringify([
      one.repoId,
      one.revision,
      one.url && withoutQuery(one.url),
      one.files.map(({ path, sha256 }) => [path, sha256]),
    ]);
  const wanted = key(plan);
  return downloads.filter(({ row }) => row.status !== "cancelled" && key(row) === wanted).at(-1) ?? null;
}

/** @throws GatewayError 409 where another download has something else to write to one of the files */
export function refuseClash(plan: DownloadPlan, downloads: readonly Download[]): void {
  for (const { row, hasEnded } of downloads) {
    if (hasEnded && row.status !== "failed") continue;
    const clash = row.files.find((file) =>
      plan.files.some(
        ({ path, sha256 }) => path === file.path && (sha256 === null || sha256 !== file.sha256),
      ),
    );
    if (clash)
      throw new GatewayError(
        "conflict",
        `Download ${row.id} writes ${clash.path} already, from another source. Cancel it first.`,
      );
  }
}

/** @throws GatewayError 409 with the figures where the disk has no room for it beside those under way */
export async function refuseWithoutSpace(plan: DownloadPlan, modelsDir: string, room: Room): Promise<void> {
  let needBytes = 0;
  for (const { path, sizeBytes } of plan.files)
    needBytes += await missingBytes(path, sizeBytes ?? 0, modelsDir);
  const lack = lackOfSpace(plan.name, needBytes, room);
  if (lack)
    throw new GatewayError(
      "conflict",
      `The disk has no room for it: ${lack} Remove models or other files first.`,
    );
}

async function missingBytes(path: string, sizeBytes: number, modelsDir: string): Promise<number> {
  const names = fileNames(modelsDir, path);
  if ((await sizeOf(names.final)) === sizeBytes || (await sizeOf(names.verified)) === sizeBytes) return 0;
  return Math.max(0, sizeBytes - ((await sizeOf(names.part)) ?? 0));
}

function addressRefusal(fault: "unfit" | "not_public"): GatewayError {
  const message =
    fault === "unfit"
      ? "The address must be an https address without a user name."
      : "The address has no public address that could be found: files are only fetched from where anybody could.";
  return new GatewayError("invalid_request", message, { param: "url" });
}
