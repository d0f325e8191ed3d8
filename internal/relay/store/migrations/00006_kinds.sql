-- A request can ask at Facebook for more than ad accounts and Pages, and for
-- less than the right to advertise. Older requests ask for neither.

-- +goose Up
ALTER TABLE requests ADD COLUMN kinds TEXT NOT NULL DEFAULT '';
ALTER TABLE requests ADD COLUMN level TEXT NOT NULL DEFAULT 'advertise';
