-- CreateTable
CREATE TABLE "daily_usage_state" (
    "id" INTEGER NOT NULL PRIMARY KEY DEFAULT 1,
    "last_usage_id" INTEGER NOT NULL
);

-- The sums so far were written with the rows.
INSERT INTO "daily_usage_state" ("id", "last_usage_id") SELECT 1, ifnull(max("id"), 0) FROM "usage";
