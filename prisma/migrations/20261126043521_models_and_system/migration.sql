-- AlterTable
ALTER TABLE "users" ADD COLUMN "deleted_at_ms" BIGINT;

-- CreateTable
CREATE TABLE "slot_runs" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "port" INTEGER NOT NULL,
    "model_id" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "settings" TEXT NOT NULL,
    "started_at_ms" BIGINT NOT NULL,
    "ready_at_ms" BIGINT,
    "ended_at_ms" BIGINT,
    "memory_bytes" BIGINT,
    "cause" TEXT,
    "message" TEXT,
    "last_lines" TEXT
);

-- CreateTable
CREATE TABLE "benchmarks" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "model_id" TEXT NOT NULL,
    "preset" TEXT NOT NULL DEFAULT '',
    "settings" TEXT NOT NULL,
    "results" TEXT NOT NULL,
    "started_at_ms" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "capability_tests" (
    "model_id" TEXT NOT NULL,
    "capability" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "works" BOOLEAN NOT NULL,
    "detail" TEXT NOT NULL DEFAULT '',
    "request_id" TEXT NOT NULL,
    "at_ms" BIGINT NOT NULL,

    PRIMARY KEY ("model_id", "capability")
);

-- CreateTable
CREATE TABLE "downloads" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "source" TEXT NOT NULL,
    "repo_id" TEXT,
    "revision" TEXT,
    "url" TEXT,
    "name" TEXT NOT NULL,
    "folder" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "error" TEXT,
    "created_at_ms" BIGINT NOT NULL,
    "finished_at_ms" BIGINT
);

-- CreateTable
CREATE TABLE "download_files" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "download_id" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "remote_path" TEXT NOT NULL,
    "size_bytes" BIGINT,
    "sha256" TEXT,
    "etag" TEXT,
    "done" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "download_files_download_id_fkey" FOREIGN KEY ("download_id") REFERENCES "downloads" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "system_samples" (
    "span" TEXT NOT NULL,
    "at_ms" BIGINT NOT NULL,
    "sample" TEXT NOT NULL,

    PRIMARY KEY ("span", "at_ms")
);

-- CreateTable
CREATE TABLE "uptime_spans" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "started_at_ms" BIGINT NOT NULL,
    "seen_at_ms" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "signups" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "email" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    "message" TEXT NOT NULL DEFAULT '',
    "user_id" INTEGER,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "created_at_ms" BIGINT NOT NULL,
    "decided_at_ms" BIGINT,
    "decided_by_user" INTEGER
);

-- CreateTable
CREATE TABLE "invitations" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "user_id" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "expires_at_ms" BIGINT NOT NULL,
    "used_at_ms" BIGINT,
    "created_at_ms" BIGINT NOT NULL
);

-- CreateIndex
CREATE INDEX "slot_runs_port_started_at_ms_idx" ON "slot_runs"("port", "started_at_ms");

-- CreateIndex
CREATE INDEX "slot_runs_model_id_started_at_ms_idx" ON "slot_runs"("model_id", "started_at_ms");

-- CreateIndex
CREATE INDEX "benchmarks_model_id_started_at_ms_idx" ON "benchmarks"("model_id", "started_at_ms");

-- CreateIndex
CREATE INDEX "download_files_download_id_idx" ON "download_files"("download_id");

-- CreateIndex
CREATE INDEX "uptime_spans_seen_at_ms_idx" ON "uptime_spans"("seen_at_ms");

-- CreateIndex
CREATE INDEX "signups_status_created_at_ms_idx" ON "signups"("status", "created_at_ms");

-- CreateIndex
CREATE INDEX "signups_email_idx" ON "signups"("email");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_hash_key" ON "invitations"("hash");

-- CreateIndex
CREATE INDEX "invitations_user_id_idx" ON "invitations"("user_id");
