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
