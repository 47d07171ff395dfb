-- CreateTable
CREATE TABLE "Order" (
    "number" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "item" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "gatewire_outcomes" (
    "message_key" TEXT NOT NULL PRIMARY KEY,
    "record" TEXT NOT NULL,
    "recorded_at" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "gatewire_outbox" (
    "position" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "id" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "lease_owner" TEXT NOT NULL,
    "lease_until" BIGINT NOT NULL
);

-- CreateIndex
CREATE INDEX "gatewire_outcomes_recorded_at_idx" ON "gatewire_outcomes"("recorded_at");

-- CreateIndex
CREATE UNIQUE INDEX "gatewire_outbox_id_key" ON "gatewire_outbox"("id");
