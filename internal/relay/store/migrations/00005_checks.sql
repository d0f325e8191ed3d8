-- What an item gives, as its newest check saw it, and the results of its last
-- checks. Items of before have none until they are checked again.

-- +goose Up
-- JSON array of onboarding.Capability: [{"name": "contacts", "count": 41207}, {"name": "leads", "count": 0, "level": "write"}]
ALTER TABLE items ADD COLUMN access_capabilities TEXT NOT NULL DEFAULT '[]';
-- JSON array of onboarding.CheckRecord, newest first, three at most:
-- [{"checked": 1790000000000, "state": "works", "capabilities": [{"name": "contacts", "count": 41207}]}]
ALTER TABLE items ADD COLUMN checks TEXT NOT NULL DEFAULT '[]';
