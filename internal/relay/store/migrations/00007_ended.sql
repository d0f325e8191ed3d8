-- An item whose access the agency has ended stays with its request, and says
-- when, by whom, and whether a call proved it. What else hangs on the same
-- grant is looked for in every agency.

-- +goose Up
ALTER TABLE items ADD COLUMN ended_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN ended_by TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN ended_proven BIGINT NOT NULL DEFAULT 0;
CREATE INDEX items_by_account ON items (service, account);
CREATE INDEX items_by_person ON items (service, platform_by);
