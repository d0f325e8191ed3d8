-- +goose Up

-- The index of words is written by the program, at the end of a transaction
-- and in one go: a trigger makes SQLite write it out row by row.
DROP TRIGGER requests_added;
DROP TRIGGER requests_reworded;
DROP TRIGGER requests_removed;
DROP TRIGGER items_added;
DROP TRIGGER items_reworded;
DROP TRIGGER items_removed;

-- +goose StatementBegin
CREATE TRIGGER requests_removed AFTER DELETE ON requests BEGIN
    DELETE FROM request_truths WHERE seq = old.seq;
END;
-- +goose StatementEnd

-- An item's truth is a table of its own, as a request's is.
CREATE TABLE item_truths (seq INTEGER PRIMARY KEY, truth TEXT NOT NULL);
INSERT INTO item_truths (seq, truth) SELECT seq, truth FROM items;
ALTER TABLE items DROP COLUMN truth;
-- +goose StatementBegin
CREATE TRIGGER items_removed AFTER DELETE ON items BEGIN
    DELETE FROM item_truths WHERE seq = old.seq;
END;
-- +goose StatementEnd

-- What is counted is counted along an index.
CREATE INDEX items_counted ON items (listed, platform, kind, rank, request);
DROP INDEX requests_counted;
CREATE INDEX requests_completed ON requests (completed_ms, place) WHERE completed_ms > 0;

-- A page in the middle of everything is found along this.
CREATE INDEX requests_date ON requests (place, seq);
