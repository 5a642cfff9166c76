/** The admin API: backups. */
import { backupList, backupParams, backupReply, deletedBackup } from "../../admin/schemas/backups.ts";
import type { Operation } from "../operation.ts";
import { act, keyRefusals, look } from "./admin.ts";

const backup = { name: "Backup", schema: backupReply };

export const backupOperations: readonly Operation[] = [
  {
    ...act,
    path: "/admin/api/backup",
    id: "createBackup",
    group: "Backups",
    summary: "Make a backup",
    description:
      "One file with database and configuration as they are now, while everything goes on. It holds secrets. The 14 newest are kept.",
    answers: [{ status: 200, description: "The file", schema: backup }],
    refusals: [...keyRefusals, 409],
  },
  {
    ...look,
    path: "/admin/api/backups",
    id: "listBackups",
    group: "Backups",
    summary: "List the backups",
    description:
      "Those on the gateway's machine, and the copies of the database from before migrations: 3 are kept.",
    answers: [{ status: 200, description: "The files", schema: { name: "BackupList", schema: backupList } }],
  },
  {
    ...look,
    path: "/admin/api/backups/{name}",
    id: "downloadBackup",
    group: "Backups",
    summary: "Download a backup",
    description: "The file itself; it holds secrets. That it was fetched stands in the audit log.",
    params: backupParams,
    answers: [
      { status: 200, description: "The file", texts: ["application/gzip", "application/vnd.sqlite3"] },
    ],
    refusals: [...keyRefusals, 404],
  },
  {
    ...act,
    method: "delete",
    path: "/admin/api/backups/{name}",
    id: "deleteBackup",
    group: "Backups",
    summary: "Delete a backup",
    description: "For good.",
    params: backupParams,
    answers: [
      { status: 200, description: "It is gone", schema: { name: "DeletedBackup", schema: deletedBackup } },
    ],
    refusals: [...keyRefusals, 404],
  },
];
