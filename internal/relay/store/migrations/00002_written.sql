-- To whom an agency wrote within the last day: the limits count it here, since
-- requests and their letters can be deleted.

-- +goose Up
CREATE TABLE written (
    letter       TEXT PRIMARY KEY,
    agency       TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    address_hash BYTEA  NOT NULL, -- keyed
    kind         TEXT   NOT NULL, -- request, or link: asked for by whoever has the link
    at_ms        BIGINT NOT NULL
);
CREATE INDEX written_by_age ON written (agency, at_ms);
