-- An event of an item names its service, so that it can be shown with its
-- mark. Older events have none.

-- +goose Up
ALTER TABLE events ADD COLUMN service TEXT NOT NULL DEFAULT '';
