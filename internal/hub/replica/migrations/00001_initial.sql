-- +goose Up

-- Values that this program keeps by name: who this computer is, how far it has
-- read. A value is text, a number or JSON, as its name says in metadata.go.
CREATE TABLE metadata (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- The copy. payload is the relay's row as it came, a JSON object of the wire;
-- the columns beside it are what lists sort, filter and search by, with the
-- outbox applied. generation is the reading in which a row was last met. A
-- column in _key is the sort key of a text, search_text is folded: see
-- internal/collation.
CREATE TABLE members     (id TEXT PRIMARY KEY, generation BIGINT NOT NULL, payload TEXT NOT NULL);  -- onboarding.Member
CREATE TABLE devices     (id TEXT PRIMARY KEY, generation BIGINT NOT NULL, payload TEXT NOT NULL);  -- onboarding.Device
CREATE TABLE connections (id TEXT PRIMARY KEY, generation BIGINT NOT NULL, payload TEXT NOT NULL);  -- onboarding.Connection

-- A request's payload is in a table of its own: a scan of requests reads only
-- what it needs. No row here: the relay does not have the request yet.
CREATE TABLE request_payloads (
    seq     INTEGER PRIMARY KEY,
    payload TEXT NOT NULL            -- onboarding.Request
);

CREATE TABLE requests (
    seq           INTEGER PRIMARY KEY,  -- grows with the request's date: newest first is this index read backwards
    id            TEXT    NOT NULL UNIQUE,
    generation    BIGINT  NOT NULL,
    owner         TEXT    NOT NULL,
    list_state    BIGINT  NOT NULL,     -- 0 listed, 1 archived, 2 withdrawn
    status        TEXT    NOT NULL,
    client        TEXT    NOT NULL,
    client_key    BYTEA   NOT NULL,
    recipient_key BYTEA   NOT NULL,     -- of the first address
    created_ms    BIGINT  NOT NULL,
    changed_ms    BIGINT  NOT NULL,     -- the newest event
    link_ends_ms  BIGINT  NOT NULL,     -- zero: the link is dead or does not end
    completed_ms  BIGINT  NOT NULL,
    link_asked_ms BIGINT  NOT NULL,     -- a client asks for a new link
    attention     BIGINT  NOT NULL,     -- 1: something has to be done
    awaited       BIGINT  NOT NULL,     -- accounts that are still to come
    services      TEXT    NOT NULL,     -- ",facebook,hubspot,": not JSON, one text is searched for ",x,"
    search_text   TEXT    NOT NULL
);
CREATE INDEX requests_attention ON requests (list_state, seq) WHERE attention = 1;
CREATE INDEX requests_awaited   ON requests (list_state, seq) WHERE awaited > 0;
CREATE INDEX requests_status    ON requests (list_state, status, seq);
CREATE INDEX requests_client    ON requests (list_state, client_key, seq);
CREATE INDEX requests_recipient ON requests (list_state, recipient_key, seq);
CREATE INDEX requests_changed   ON requests (list_state, changed_ms, seq);
CREATE INDEX requests_link_ends ON requests (list_state, link_ends_ms, seq);
CREATE INDEX requests_asked     ON requests (link_asked_ms) WHERE link_asked_ms > 0;
CREATE INDEX requests_completed ON requests (completed_ms, list_state) WHERE completed_ms > 0;
-- A page in the middle of everything is found along this.
CREATE INDEX requests_date      ON requests (list_state, seq);

-- The full-text index is written by the program, at the end of a transaction
-- and in one go: a trigger makes SQLite write it out row by row. It folds
-- nothing itself: what it is given is folded.
CREATE VIRTUAL TABLE request_fts USING fts5 (
    search_text, content = 'requests', content_rowid = 'seq', tokenize = 'trigram case_sensitive 1'
);
INSERT INTO request_fts (request_fts, rank) VALUES ('secure-delete', 1);

-- +goose StatementBegin
CREATE TRIGGER requests_removed AFTER DELETE ON requests BEGIN
    DELETE FROM request_payloads WHERE seq = old.seq;
END;
-- +goose StatementEnd

CREATE TABLE items (
    seq         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    generation  BIGINT  NOT NULL,
    request     TEXT    NOT NULL,      -- empty: the agency's own
    owner       TEXT    NOT NULL,
    platform    TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    listed      BIGINT  NOT NULL,      -- 1: in Accounts
    rank        BIGINT  NOT NULL,      -- 0 needs attention, 1 waiting, 2 connected, 3 withdrawn
    name_key    BYTEA   NOT NULL,
    client      TEXT    NOT NULL,      -- empty: not known yet
    client_key  BYTEA   NOT NULL,
    checked_ms  BIGINT  NOT NULL,
    search_text TEXT    NOT NULL
);
CREATE INDEX items_request ON items (request);
CREATE INDEX items_name    ON items (listed, name_key, seq);
CREATE INDEX items_client  ON items (listed, client_key, seq);
CREATE INDEX items_rank    ON items (listed, rank, seq);
CREATE INDEX items_checked ON items (listed, checked_ms, seq);
-- What is counted is counted along this.
CREATE INDEX items_counted ON items (listed, platform, kind, rank, request);

CREATE TABLE item_payloads (
    seq     INTEGER PRIMARY KEY,
    payload TEXT NOT NULL              -- onboarding.Item
);

CREATE VIRTUAL TABLE item_fts USING fts5 (
    search_text, content = 'items', content_rowid = 'seq', tokenize = 'trigram case_sensitive 1'
);
INSERT INTO item_fts (item_fts, rank) VALUES ('secure-delete', 1);

-- +goose StatementBegin
CREATE TRIGGER items_removed AFTER DELETE ON items BEGIN
    DELETE FROM item_payloads WHERE seq = old.seq;
END;
-- +goose StatementEnd

-- What the relay has deleted: one that is restored from a backup has it again.
CREATE TABLE tombstones (
    kind  TEXT   NOT NULL,
    id    TEXT   NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);

-- When an item is checked next, how often it was checked while it waits, and
-- why its last check has no result.
CREATE TABLE checks (
    item     TEXT   PRIMARY KEY,
    due_ms   BIGINT NOT NULL,
    attempt  BIGINT NOT NULL,
    cause    TEXT   NOT NULL DEFAULT '', -- a subject of causes, or "unclear"; empty: it has a result
    cause_ms BIGINT NOT NULL DEFAULT 0   -- when the item first met it
);
CREATE INDEX checks_due   ON checks (due_ms);
CREATE INDEX checks_cause ON checks (cause) WHERE cause <> '';

-- Why items could not be checked, once for all of them.
CREATE TABLE causes (
    subject  TEXT   PRIMARY KEY,     -- "connection:" and its id, "app:" or "platform:" and its name, …: see causes.go
    service  TEXT   NOT NULL,
    failure  TEXT   NOT NULL,        -- the catalog's code; empty: the relay or the keychain
    code     TEXT   NOT NULL,        -- the platform's own
    since_ms BIGINT NOT NULL
);

-- What this computer has to send to the relay, in its order.
CREATE TABLE outbox (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    priority      BIGINT  NOT NULL,   -- 0 goes before every 1 of its subject
    subject       TEXT    NOT NULL,   -- entries of one subject go one after the other
    kind          TEXT    NOT NULL,
    title         TEXT    NOT NULL,   -- the client's name, for the user
    params        TEXT    NOT NULL,   -- JSON, its shape by kind: see outbox.go
    created_ms    BIGINT  NOT NULL,
    attempts      BIGINT  NOT NULL,
    blocked       BIGINT  NOT NULL,   -- attempts that did not pass while another call did
    not_before_ms BIGINT  NOT NULL,
    refused_ms    BIGINT  NOT NULL,   -- zero: it is still to go
    code          TEXT    NOT NULL,   -- of the relay's error, as are the next three
    field         TEXT    NOT NULL,
    message       TEXT    NOT NULL,
    reference     TEXT    NOT NULL
);
CREATE INDEX outbox_subject ON outbox (subject, priority, seq);
-- What goes next is found along this: after weeks without a network thousands
-- of entries wait.
CREATE INDEX outbox_order ON outbox (priority, seq);

-- What is in the keychain under which name. The secret itself is only there.
CREATE TABLE credentials (
    subject         TEXT   PRIMARY KEY,  -- "item:" or "connection:" and its id
    name            TEXT   NOT NULL,
    version         BIGINT NOT NULL,
    stored_ms       BIGINT NOT NULL,
    delete_after_ms BIGINT NOT NULL      -- when it leaves the keychain; zero: it stays
);

-- Deliveries that were not for this computer or not what they say. They are
-- never acknowledged.
CREATE TABLE rejected_deliveries (
    delivery TEXT   PRIMARY KEY,
    subject  TEXT   NOT NULL,
    reason   TEXT   NOT NULL,
    at_ms    BIGINT NOT NULL
);

-- Heads that the histories of requests had on this computer: what comes has to go on from them.
CREATE TABLE audit_heads (
    request TEXT   NOT NULL,
    length  BIGINT NOT NULL,
    hash    TEXT   NOT NULL, -- in base64
    seen_ms BIGINT NOT NULL,
    PRIMARY KEY (request, length, hash)
);

-- Events that a request had on this computer, and that its restored relay has lost: what
-- happened when, without names of people.
CREATE TABLE lost_events (
    id      TEXT   PRIMARY KEY,
    request TEXT   NOT NULL,
    at_ms   BIGINT NOT NULL,
    kind    TEXT   NOT NULL,
    service TEXT   NOT NULL,
    name    TEXT   NOT NULL -- of an item
);
CREATE INDEX lost_events_of_request ON lost_events (request);

-- Campaigns that were made on this computer: no other place has who made them.
CREATE TABLE campaigns (
    id       TEXT   PRIMARY KEY,
    made_ms  BIGINT NOT NULL,
    campaign TEXT   NOT NULL             -- JSON: Campaign
);

-- Clients whom the agency ends, or has ended, on this computer: the report is here and nowhere else.
CREATE TABLE offboardings (
    id          TEXT   PRIMARY KEY,
    started_ms  BIGINT NOT NULL,
    ended_ms    BIGINT NOT NULL,            -- zero: it goes on
    requests    TEXT   NOT NULL,            -- JSON array of ids
    offboarding TEXT   NOT NULL             -- JSON: Offboarding
);

-- What the agency's Business Managers were given, as Facebook lists it: what is new shows
-- only by comparing a list with the one before.
CREATE TABLE arrivals (
    business   TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    account    TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    detail     TEXT   NOT NULL,
    owner      TEXT   NOT NULL,          -- the business that gave it; empty: not known
    missing_ms BIGINT NOT NULL,          -- when the list was last read without it; 0: it was in the first
    PRIMARY KEY (business, kind, account)
);
CREATE TABLE arrival_lists (
    business TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    read_ms  BIGINT NOT NULL,
    PRIMARY KEY (business, kind)
);
-- Since when this computer knows that the clients of a request share by hand. The relay's clock
-- may differ, so only times of this computer are compared.
CREATE TABLE arrival_requests (
    request  TEXT   NOT NULL PRIMARY KEY,
    business TEXT   NOT NULL,
    known_ms BIGINT NOT NULL
);
