/** Tables `downloads` and `download_files`. */
import type { DownloadStatus } from "../downloads/types.ts";
import { onWriter, type Transaction } from "./query.ts";

export interface NewDownloadRow {
  source: "hub" | "url";
  repoId: string | null;
  revision: string | null;
  /** With its query, which may be needed to go on; taken away when the download has ended. */
  url: string | null;
  name: string;
  folder: string;
  status: DownloadStatus;
  createdAtMs: number;
  files: NewDownloadFileRow[];
}

export interface NewDownloadFileRow {
  path: string;
  remotePath: string;
  sizeBytes: number | null;
  sha256: string | null;
}

export interface DownloadFileRow extends NewDownloadFileRow {
  id: number;
  /** What the `.part` file holds the beginning of: written before its first byte. */
  etag: string | null;
  done: boolean;
}

export interface DownloadRow extends Omit<NewDownloadRow, "files"> {
  id: number;
  error: string | null;
  finishedAtMs: number | null;
  files: DownloadFileRow[];
}

export interface DownloadChange {
  status?: DownloadStatus;
  error?: string | null;
  finishedAtMs?: number | null;
  url?: string | null;
}

export type DownloadFileChange = Partial<Pick<DownloadFileRow, "sizeBytes" | "etag" | "done">>;

/** Rows of either kind of query: Prisma gives bigint and boolean, our own SQL numbers. */
type StoredDownload = Omit<DownloadRow, "source" | "status" | "createdAtMs" | "finishedAtMs" | "files"> & {
  source: string;
  status: string;
  createdAtMs: bigint | number;
  finishedAtMs: bigint | number | null;
};
type StoredFile = Omit<DownloadFileRow, "sizeBytes" | "done"> & {
  downloadId: number;
  sizeBytes: bigint | number | null;
  done: boolean | number;
};

export const downloads = {
  /** Every download, the oldest first. Without Prisma, which a start does not need otherwise. */
  load: onWriter(async (context): Promise<DownloadRow[]> => {
    const rows = await context.rows<StoredDownload>(
      "SELECT id, source, repo_id AS repoId, revision, url, name, folder, status, error, " +
        "created_at_ms AS createdAtMs, finished_at_ms AS finishedAtMs FROM downloads ORDER BY id",
    );
    const files = await context.rows<StoredFile>(
      "SELECT id, download_id AS downloadId, path, remote_path AS remotePath, size_bytes AS sizeBytes, " +
        "sha256, etag, done FROM download_files ORDER BY id",
    );
    return rows.map((row) =>
      rowOf({ ...row, files: files.filter(({ downloadId }) => downloadId === row.id) }),
    );
  }),

  create: onWriter(async (context, { files, ...row }: NewDownloadRow): Promise<DownloadRow> => {
    const prisma = await context.prisma();
    return prisma.$transaction(async (transaction) => {
      const { id } = await transaction.download.create({ data: { ...row, files: { create: files } } });
      return rowOf(await find(transaction, id));
    });
  }),

  update: onWriter(async (context, id: number, change: DownloadChange): Promise<void> => {
    const prisma = await context.prisma();
    await prisma.download.update({ where: { id }, data: change });
  }),

  updateFile: onWriter(async (context, id: number, change: DownloadFileChange): Promise<void> => {
    const prisma = await context.prisma();
    await prisma.downloadFile.update({ where: { id }, data: change });
  }),

  /** Its files go along. */
  remove: onWriter(async (context, id: number): Promise<void> => {
    const prisma = await context.prisma();
    await prisma.download.delete({ where: { id } });
  }),
};

function find(transaction: Transaction, id: number) {
  return transaction.download.findUniqueOrThrow({ where: { id }, include: { files: true } });
}

function rowOf({ files, ...row }: StoredDownload & { files: StoredFile[] }): DownloadRow {
  return {
    ...row,
    source: row.source as DownloadRow["source"],
    status: row.status as DownloadStatus,
    createdAtMs: Number(row.createdAtMs),
    finishedAtMs: numberOf(row.finishedAtMs),
    files: files
      .map(({ downloadId, sizeBytes, done, ...file }) => ({
        ...file,
        sizeBytes: numberOf(sizeBytes),
        done: Boolean(done),
      }))
      .sort((a, b) => a.id - b.id),
  };
}

const numberOf = (value: bigint | number | null) => (value === null ? null : Number(value));
