-- +goose Up

-- What this computer knows about itself: who it is, how far it has read.
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- The copy. truth is the relay's row as it came; the columns beside it are
-- what lists sort, filter and search by, with the outbox laid over it. seen is
-- the reading in which a row was last met.
CREATE TABLE members     (id TEXT PRIMARY KEY, seen BIGINT NOT NULL, truth TEXT NOT NULL);
CREATE TABLE devices     (id TEXT PRIMARY KEY, seen BIGINT NOT NULL, truth TEXT NOT NULL);
CREATE TABLE connections (id TEXT PRIMARY KEY, seen BIGINT NOT NULL, truth TEXT NOT NULL);

-- A request's truth is a table of its own: what scans requests reads only what
-- it needs. No row here: the relay does not have the request yet.
CREATE TABLE request_truths (seq INTEGER PRIMARY KEY, truth TEXT NOT NULL);

CREATE TABLE requests (
    seq          INTEGER PRIMARY KEY,  -- grows with the request's date: newest first is this index read backwards
    id           TEXT    NOT NULL UNIQUE,
    seen         BIGINT  NOT NULL,
    owner        TEXT    NOT NULL,
    place        BIGINT  NOT NULL,     -- 0 listed, 1 archived, 2 withdrawn
    status       TEXT    NOT NULL,
    client       TEXT    NOT NULL,     -- in lower case, to sort by
    recipient    TEXT    NOT NULL,     -- the first address
    created_ms   BIGINT  NOT NULL,
    changed_ms   BIGINT  NOT NULL,     -- the newest event
    ends_ms      BIGINT  NOT NULL,     -- when the link ends; zero: it is dead or does not end
    completed_ms BIGINT  NOT NULL,
    attention    BIGINT  NOT NULL,     -- 1: something has to be done
    services     TEXT    NOT NULL,     -- ",facebook,hubspot,"
    words        TEXT    NOT NULL      -- what is searched, in lower case
);
CREATE INDEX requests_counted   ON requests (place, status, attention, ends_ms, completed_ms, created_ms);
CREATE INDEX requests_attention ON requests (place, seq) WHERE attention = 1;
CREATE INDEX requests_status    ON requests (place, status, seq);
CREATE INDEX requests_client    ON requests (place, client, seq);
CREATE INDEX requests_recipient ON requests (place, recipient, seq);
CREATE INDEX requests_changed   ON requests (place, changed_ms, seq);
CREATE INDEX requests_ends      ON requests (place, ends_ms, seq);

CREATE VIRTUAL TABLE request_words USING fts5 (
    words, content = 'requests', content_rowid = 'seq', tokenize = 'trigram remove_diacritics 1'
);
INSERT INTO request_words (request_words, rank) VALUES ('secure-delete', 1);

-- +goose StatementBegin
CREATE TRIGGER requests_added AFTER INSERT ON requests BEGIN
    INSERT INTO request_words (rowid, words) VALUES (new.seq, new.words);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER requests_removed AFTER DELETE ON requests BEGIN
    INSERT INTO request_words (request_words, rowid, words) VALUES ('delete', old.seq, old.words);
    DELETE FROM request_truths WHERE seq = old.seq;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER requests_reworded AFTER UPDATE OF words ON requests WHEN old.words <> new.words BEGIN
    INSERT INTO request_words (request_words, rowid, words) VALUES ('delete', old.seq, old.words);
    INSERT INTO request_words (rowid, words) VALUES (new.seq, new.words);
END;
-- +goose StatementEnd

CREATE TABLE items (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    seen       BIGINT  NOT NULL,
    request    TEXT    NOT NULL,      -- empty: the agency's own
    owner      TEXT    NOT NULL,
    platform   TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    listed     BIGINT  NOT NULL,      -- 1: in Accounts
    rank       BIGINT  NOT NULL,      -- 0 needs attention, 1 waiting, 2 connected
    name       TEXT    NOT NULL,      -- in lower case, to sort by
    client     TEXT    NOT NULL,
    checked_ms BIGINT  NOT NULL,
    words      TEXT    NOT NULL,
    truth      TEXT    NOT NULL
);
CREATE INDEX items_request ON items (request);
CREATE INDEX items_name    ON items (listed, name, seq);
CREATE INDEX items_client  ON items (listed, client, seq);
CREATE INDEX items_rank    ON items (listed, rank, seq);
CREATE INDEX items_checked ON items (listed, checked_ms, seq);

CREATE VIRTUAL TABLE item_words USING fts5 (
    words, content = 'items', content_rowid = 'seq', tokenize = 'trigram remove_diacritics 1'
);
INSERT INTO item_words (item_words, rank) VALUES ('secure-delete', 1);

-- +goose StatementBegin
CREATE TRIGGER items_added AFTER INSERT ON items BEGIN
    INSERT INTO item_words (rowid, words) VALUES (new.seq, new.words);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER items_removed AFTER DELETE ON items BEGIN
    INSERT INTO item_words (item_words, rowid, words) VALUES ('delete', old.seq, old.words);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER items_reworded AFTER UPDATE OF words ON items WHEN old.words <> new.words BEGIN
    INSERT INTO item_words (item_words, rowid, words) VALUES ('delete', old.seq, old.words);
    INSERT INTO item_words (rowid, words) VALUES (new.seq, new.words);
END;
-- +goose StatementEnd

-- When an item is tried next, and how often it was tried while it waits.
CREATE TABLE checks (
    item   TEXT   PRIMARY KEY,
    due_ms BIGINT NOT NULL,
    step   BIGINT NOT NULL
);
CREATE INDEX checks_due ON checks (due_ms);

-- What this computer wants of the relay, in its order.
CREATE TABLE outbox (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    ahead      BIGINT  NOT NULL,     -- 0 goes before every 1 of its subject
    subject    TEXT    NOT NULL,     -- entries of one subject go one after the other
    kind       TEXT    NOT NULL,
    title      TEXT    NOT NULL,     -- the client's name, for a person
    question   TEXT    NOT NULL,
    made_ms    BIGINT  NOT NULL,
    tries      BIGINT  NOT NULL,
    next_ms    BIGINT  NOT NULL,
    refused_ms BIGINT  NOT NULL,
    code       TEXT    NOT NULL,
    field      TEXT    NOT NULL,
    sentence   TEXT    NOT NULL,
    reference  TEXT    NOT NULL
);
CREATE INDEX outbox_subject ON outbox (subject, ahead, seq);

-- What lies in the keychain under which name. The secret itself is only there.
CREATE TABLE credentials (
    subject    TEXT   PRIMARY KEY,   -- item or connection
    name       TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    stored_ms  BIGINT NOT NULL,
    discard_ms BIGINT NOT NULL       -- when it leaves the keychain; zero: it stays
);

-- Deliveries that were not for this computer or not what they say. They are
-- never acknowledged.
CREATE TABLE refusals (
    delivery TEXT   PRIMARY KEY,
    subject  TEXT   NOT NULL,
    reason   TEXT   NOT NULL,
    at_ms    BIGINT NOT NULL
);

-- Campaigns that were made on this computer: nothing else knows who made them.
CREATE TABLE campaigns (
    id       TEXT   PRIMARY KEY,
    made_ms  BIGINT NOT NULL,
    campaign TEXT   NOT NULL
);
