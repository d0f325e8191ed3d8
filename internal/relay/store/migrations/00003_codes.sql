-- A code has a name beside its hash, so that it can be listed and withdrawn.

-- +goose Up
ALTER TABLE codes ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE codes ADD COLUMN withdrawn_ms BIGINT NOT NULL DEFAULT 0;
UPDATE codes SET id = member || '-' || until_ms;
CREATE INDEX codes_of_agency ON codes (agency);
