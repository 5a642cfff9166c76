-- CreateTable
CREATE TABLE "users" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "email" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "balance_nanos" BIGINT NOT NULL DEFAULT 0,
    "limits" TEXT NOT NULL DEFAULT '{}',
    "session_version" INTEGER NOT NULL DEFAULT 1,
    "created_at_ms" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "user_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "limits" TEXT NOT NULL DEFAULT '{}',
    "expires_at_ms" BIGINT,
    "revoked_at_ms" BIGINT,
    "created_at_ms" BIGINT NOT NULL,
    CONSTRAINT "api_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "ledger" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "user_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "amount_nanos" BIGINT NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "request_id" TEXT NOT NULL,
    "actor_user_id" INTEGER,
    "actor_key_id" INTEGER,
    "at_ms" BIGINT NOT NULL,
    CONSTRAINT "ledger_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "usage" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "request_id" TEXT NOT NULL,
    "user_id" INTEGER NOT NULL,
    "key_id" INTEGER NOT NULL,
    "endpoint" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "slot_port" INTEGER,
    "outcome" TEXT NOT NULL,
    "http_status" INTEGER NOT NULL,
    "streamed" BOOLEAN NOT NULL,
    "estimated" BOOLEAN NOT NULL,
    "prompt_tokens" INTEGER NOT NULL,
    "cached_tokens" INTEGER NOT NULL,
    "completion_tokens" INTEGER NOT NULL,
    "cost_nanos" BIGINT NOT NULL,
    "charge_nanos" BIGINT NOT NULL,
    "started_at_ms" BIGINT NOT NULL,
    "queue_ms" REAL NOT NULL,
    "first_token_ms" REAL,
    "duration_ms" REAL NOT NULL
);

-- CreateTable
CREATE TABLE "daily_usage" (
    "day" INTEGER NOT NULL,
    "user_id" INTEGER NOT NULL,
    "key_id" INTEGER NOT NULL,
    "model" TEXT NOT NULL,
    "requests" INTEGER NOT NULL,
    "errors" INTEGER NOT NULL,
    "prompt_tokens" BIGINT NOT NULL,
    "cached_tokens" BIGINT NOT NULL,
    "completion_tokens" BIGINT NOT NULL,
    "cost_nanos" BIGINT NOT NULL,
    "charge_nanos" BIGINT NOT NULL,
    "duration_ms" REAL NOT NULL,

    PRIMARY KEY ("day", "user_id", "key_id", "model")
);

-- CreateTable
CREATE TABLE "audit_log" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at_ms" BIGINT NOT NULL,
    "actor_user_id" INTEGER,
    "actor_key_id" INTEGER,
    "request_id" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "detail" TEXT NOT NULL DEFAULT '{}'
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");

-- CreateIndex
CREATE INDEX "api_keys_user_id_idx" ON "api_keys"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "usage_request_id_key" ON "usage"("request_id");

-- CreateIndex
CREATE INDEX "usage_user_id_started_at_ms_idx" ON "usage"("user_id", "started_at_ms");

-- CreateIndex
CREATE INDEX "usage_started_at_ms_idx" ON "usage"("started_at_ms");

-- CreateIndex
CREATE INDEX "audit_log_at_ms_idx" ON "audit_log"("at_ms");
