/**
 * One gateway a data folder: two would each hold balances in memory, and end each other's engines. The lock is SQLite's on
 * a file of its own: the kernel gives it back when its holder ends, however that ends, and it holds between containers of
 * one machine, where numbers of processes say nothing.
 */
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import Libsql from "libsql";
import { z } from "zod";
import { errorCode } from "../lib/error-code.mjs";

/** Only for the message: nothing is decided by it. */
const ownerSchema = z.object({ pid: z.int(), host: z.string(), since: z.string() });

/**
 * The file that is locked. It stays, and stays empty: a file that is removed and made anew can be locked twice. No one else
 * in this process may open it, since POSIX ends a process's locks with the first descriptor of the file that it closes.
 */
export const lockFileName = "gateway.lock.db";

const ownerFileName = "gateway.lock";

/** Collected as garbage, a connection is closed, and its lock ends. */
const held = new Set<Libsql.Database>();

/**
 * Takes the data folder, made when absent, for this process, until it ends.
 * @returns gives the folder back before
 * @throws Error that names the process that has it, or says why the folder cannot be locked
 */
export function lockDataFolder(dataDir: string): () => void {
  const ownerFile = path.join(dataDir, ownerFileName);
  const owner = { pid: process.pid, host: os.hostname(), since: new Date().toISOString() };
  writing(dataDir, () => {
    mkdirSync(dataDir, { recursive: true });
    makeWritable(path.join(dataDir, lockFileName));
  });
  const database = lock(dataDir);
  held.add(database);
  const release = () => {
    rmSync(ownerFile, { force: true });
    held.delete(database);
    database.close();
  };
  writing(dataDir, () => writeFileSync(ownerFile, JSON.stringify(owner), { mode: 0o600 }), release);
  return release;
}

function writing(dataDir: string, write: () => void, undo?: () => void): void {
  try {
    write();
  } catch (error) {
    undo?.();
    throw new Error(`The data folder ${dataDir} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

/** @throws the system's error: SQLite takes a file that it cannot write as well, and then locks nothing */
function makeWritable(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    accessSync(file, constants.R_OK | constants.W_OK);
  }
}

function lock(dataDir: string): Libsql.Database {
  let database: Libsql.Database | null = null;
  try {
    database = new Libsql(path.join(dataDir, lockFileName));
    // Else SQLite would lay a journal beside it, though nothing is ever written.
    database.exec("PRAGMA journal_mode = MEMORY");
    // Not EXCLUSIVE, with which two that come at the same moment may both be refused.
    database.exec("BEGIN IMMEDIATE");
    return database;
  } catch (error) {
    database?.close();
    const reason = errorCode(error) === "SQLITE_BUSY" ? inUse(dataDir) : cannotLock(dataDir, error);
    throw new Error(reason, { cause: error });
  }
}

function inUse(dataDir: string): string {
  const owner = readOwner(path.join(dataDir, ownerFileName));
  // SQLite says the same of a network file system without locks; there nobody ever got so far as to leave a name.
  if (!owner)
    return `The data folder ${dataDir} is in use by a process that left no name. If there is none, its file system has no locks, as NFS without a lock service: choose a folder on a local disk.`;
  const { pid, host, since } = owner;
  return `The data folder ${dataDir} is in use by LLM Gateway, PID ${pid} on ${host}, since ${since}. Stop it, or choose another folder: GATEWAY_DATA_DIR=... npm start`;
}

function cannotLock(dataDir: string, error: unknown): string {
  return `The data folder ${dataDir} cannot be locked by ${lockFileName} in it (${messageOf(error)}). It must be a file on a disk with locks, as every local disk has them.`;
}

function readOwner(file: string): z.infer<typeof ownerSchema> | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return null;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
