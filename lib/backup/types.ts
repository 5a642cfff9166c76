/** Backups as the admin API sees them; server/backup makes them. */

/** `before_migration`: the database alone, as it was before a newer version changed its tables. */
export const backupKinds = ["backup", "before_migration"] as const;

export interface Backup {
  kind: (typeof backupKinds)[number];
  /** The file's name in `backups/`, as `gateway-20261126T044103123Z.tar.gz`. */
  name: string;
  /** Absolute. */
  path: string;
  sizeBytes: number;
  createdAtMs: number;
}

export interface Backups {
  /**
   * Writes database and configuration, as they are now, into one file, while everything goes on. The oldest beyond the
   * number that is kept are removed.
   * @throws GatewayError 409 while another is being written; 503 with the cause where it could not be written, as on a full disk
   */
  create(): Promise<Backup>;
  /** Those that are there, of every kind, newest first. */
  list(): Promise<Backup[]>;
  /** @throws GatewayError 404 */
  find(name: string): Promise<Backup>;
  /** @throws GatewayError 404 */
  remove(name: string): Promise<void>;
}
