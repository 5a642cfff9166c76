-- CreateTable
CREATE TABLE "open_requests" (
    "request_id" TEXT NOT NULL PRIMARY KEY,
    "settlement" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "idempotent_answers" (
    "key_id" INTEGER NOT NULL,
    "name_hash" BLOB NOT NULL,
    "request_hash" BLOB NOT NULL,
    "content_type" TEXT NOT NULL,
    "body" BLOB NOT NULL,
    "created_at_ms" BIGINT NOT NULL,

    PRIMARY KEY ("key_id", "name_hash")
);

-- CreateIndex
CREATE INDEX "idempotent_answers_created_at_ms_idx" ON "idempotent_answers"("created_at_ms");

-- Added in place: a table of millions of rows need not be copied for columns that begin as 0.
ALTER TABLE "usage" ADD COLUMN "image_tokens" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "usage" ADD COLUMN "audio_tokens" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "usage" ADD COLUMN "audio_ms" INTEGER NOT NULL DEFAULT 0;
