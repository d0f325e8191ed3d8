-- One text for SQLite and PostgreSQL: TEXT, BIGINT, BYTEA. Keys are made in
-- Go, times are milliseconds, zero is never, a yes is 1.

-- +goose Up
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE agencies (
    id               TEXT PRIMARY KEY,
    name             TEXT   NOT NULL,
    n                BIGINT NOT NULL, -- the number of the newest change
    mark             TEXT   NOT NULL, -- random with each commit: tells a restored database
    view_n           BIGINT NOT NULL, -- rises when what members may see changes
    share_requests   BIGINT NOT NULL,
    suspended_ms     BIGINT NOT NULL,
    created_ms       BIGINT NOT NULL,
    brand_on         BIGINT NOT NULL,
    company          TEXT   NOT NULL,
    logo             BYTEA  NOT NULL,
    colour           TEXT   NOT NULL,
    reply_to         TEXT   NOT NULL,
    pending_reply_to TEXT   NOT NULL,
    show_requester   BIGINT NOT NULL
);

CREATE TABLE members (
    id         TEXT PRIMARY KEY,
    agency     TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    name       TEXT   NOT NULL,
    email      TEXT   NOT NULL,
    role       TEXT   NOT NULL,
    view_n     BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    removed_ms BIGINT NOT NULL
);
CREATE INDEX members_of_agency ON members (agency);

CREATE TABLE codes (
    hash       BYTEA PRIMARY KEY, -- HMAC under the key file
    agency     TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    member     TEXT   NOT NULL,
    until_ms   BIGINT NOT NULL,
    device     TEXT   NOT NULL, -- that used it
    public_key TEXT   NOT NULL
);

CREATE TABLE reply_codes (
    agency   TEXT PRIMARY KEY REFERENCES agencies (id) ON DELETE CASCADE,
    address  TEXT   NOT NULL,
    hash     BYTEA  NOT NULL,
    until_ms BIGINT NOT NULL,
    tries    BIGINT NOT NULL
);

CREATE TABLE devices (
    id           TEXT PRIMARY KEY,
    agency       TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    member       TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    public_key   TEXT   NOT NULL,
    token_hash   BYTEA  NOT NULL UNIQUE,
    mac          BYTEA  NOT NULL, -- under the key file: a row written by hand gets nothing
    created_ms   BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    approved_ms  BIGINT NOT NULL,
    revoked_ms   BIGINT NOT NULL
);
CREATE INDEX devices_of_agency ON devices (agency);

CREATE TABLE connections (
    id         TEXT PRIMARY KEY,
    agency     TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    member     TEXT   NOT NULL,
    platform   TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    user_name  TEXT   NOT NULL,
    businesses TEXT   NOT NULL, -- JSON
    ends_ms    BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    ended_ms   BIGINT NOT NULL
);
CREATE INDEX connections_of_agency ON connections (agency);

-- The agency's own sign-ins under way. What the callback brought waits here,
-- sealed, for the code and the verifier.
CREATE TABLE starts (
    id          TEXT PRIMARY KEY, -- of the connection to be
    agency      TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    member      TEXT   NOT NULL,
    device      TEXT   NOT NULL,
    platform    TEXT   NOT NULL,
    challenge   TEXT   NOT NULL,
    loopback    TEXT   NOT NULL,
    start_hash  BYTEA  NOT NULL UNIQUE,
    cookie_hash BYTEA  NOT NULL, -- of the browser that pressed the button
    code_hash   BYTEA  NOT NULL,
    result      TEXT   NOT NULL, -- JSON
    until_ms    BIGINT NOT NULL
);

CREATE TABLE requests (
    id            TEXT PRIMARY KEY,
    agency        TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    owner         TEXT   NOT NULL,
    client        TEXT   NOT NULL,
    message       TEXT   NOT NULL,
    services      TEXT   NOT NULL,
    connection    TEXT   NOT NULL,
    user_id       TEXT   NOT NULL,
    user_name     TEXT   NOT NULL,
    business_id   TEXT   NOT NULL,
    business_name TEXT   NOT NULL,
    status        TEXT   NOT NULL,
    created_ms    BIGINT NOT NULL,
    accepted_ms   BIGINT NOT NULL,
    expires_ms    BIGINT NOT NULL,
    link_id       BYTEA  NOT NULL UNIQUE, -- opens nothing without the key file
    link_version  BIGINT NOT NULL,
    renewed_ms    BIGINT NOT NULL,
    opened_ms     BIGINT NOT NULL,
    withdrawn_ms  BIGINT NOT NULL,
    finished_ms   BIGINT NOT NULL,
    completed_ms  BIGINT NOT NULL,
    by_name       TEXT   NOT NULL,
    by_email      TEXT   NOT NULL,
    confirmed     BIGINT NOT NULL,
    archived_ms   BIGINT NOT NULL,
    forgotten_ms  BIGINT NOT NULL
);
CREATE INDEX requests_of_agency ON requests (agency);

CREATE TABLE recipients (
    id         TEXT PRIMARY KEY,
    request    TEXT   NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    address    TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    letter     TEXT   NOT NULL,
    words      TEXT   NOT NULL,
    sent_ms    BIGINT NOT NULL,
    sent_count BIGINT NOT NULL,
    opened_ms  BIGINT NOT NULL,
    stopped_ms BIGINT NOT NULL,
    UNIQUE (request, number)
);

CREATE TABLE skips (
    request TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    service TEXT NOT NULL,
    reason  TEXT NOT NULL,
    PRIMARY KEY (request, service)
);

CREATE TABLE events (
    id      TEXT PRIMARY KEY,
    request TEXT   NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    at_ms   BIGINT NOT NULL,
    seq     BIGINT NOT NULL, -- by the change's number: orders events of one moment
    kind    TEXT   NOT NULL,
    who     TEXT   NOT NULL,
    detail  TEXT   NOT NULL
);
CREATE INDEX events_of_request ON events (request, seq);

CREATE TABLE visits (
    id           TEXT PRIMARY KEY,
    request      TEXT   NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    agency       TEXT   NOT NULL,
    look_up      BYTEA  NOT NULL UNIQUE, -- hash of the cookie
    version      BIGINT NOT NULL,        -- of the link it began with
    recipient    BIGINT NOT NULL,        -- number in the link, zero for a copied one
    name         TEXT   NOT NULL,
    email        TEXT   NOT NULL,
    choices      TEXT   NOT NULL,        -- JSON of the wizard
    created_ms   BIGINT NOT NULL,
    seen_ms      BIGINT NOT NULL,
    ended_ms     BIGINT NOT NULL,
    user_id      TEXT   NOT NULL,        -- at Facebook
    user_name    TEXT   NOT NULL,
    sealed       BYTEA  NOT NULL,        -- the short-lived token, under the cookie
    sealed_ms    BIGINT NOT NULL,        -- last used
    sealed_until_ms BIGINT NOT NULL      -- the platform's end of it
);
CREATE INDEX visits_of_request ON visits (request);
CREATE INDEX visits_with_token ON visits (sealed_ms);

CREATE TABLE signins (
    state_hash     BYTEA PRIMARY KEY,
    visit          TEXT   NOT NULL, -- or
    connection     TEXT   NOT NULL, -- of the agency's own sign-in
    platform       TEXT   NOT NULL,
    token_endpoint TEXT   NOT NULL,
    verifier       TEXT   NOT NULL,
    extra          TEXT   NOT NULL,
    until_ms       BIGINT NOT NULL
);
CREATE INDEX signins_by_end ON signins (until_ms);

CREATE TABLE items (
    id           TEXT PRIMARY KEY,
    agency       TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    request      TEXT   NOT NULL, -- empty: the agency's own
    owner        TEXT   NOT NULL,
    connection   TEXT   NOT NULL, -- of the agency's own ad accounts and Pages; else empty
    service      TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    account      TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    detail       TEXT   NOT NULL,
    by_name      TEXT   NOT NULL,
    by_email     TEXT   NOT NULL,
    platform_by  TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    failure      TEXT   NOT NULL,
    reference    TEXT   NOT NULL,
    tasks        TEXT   NOT NULL,
    access_state      TEXT   NOT NULL,
    access_failure    TEXT   NOT NULL,
    access_code       TEXT   NOT NULL,
    access_since_ms   BIGINT NOT NULL,
    access_checked_ms BIGINT NOT NULL,
    version      BIGINT NOT NULL, -- newest of its credential
    created_ms   BIGINT NOT NULL,
    changed_ms   BIGINT NOT NULL,
    connected_ms BIGINT NOT NULL,
    UNIQUE (agency, request, owner, service, kind, account)
);
CREATE INDEX items_of_request ON items (request);

CREATE TABLE credentials (
    item           TEXT PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    version        BIGINT NOT NULL,
    refresh_hash   BYTEA  NOT NULL, -- keyed; empty: it has none
    renewed_ms     BIGINT NOT NULL,
    idle_ms        BIGINT NOT NULL, -- how long it lives unused; zero: for ever
    lease_until_ms BIGINT NOT NULL,
    lease_by       TEXT   NOT NULL
);

CREATE TABLE deliveries (
    id         TEXT PRIMARY KEY,
    device     TEXT   NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    subject    TEXT   NOT NULL, -- an item or a connection
    of_item    BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    sealed     BYTEA  NOT NULL,
    created_ms BIGINT NOT NULL,
    UNIQUE (device, subject)
);

CREATE TABLE holdings (
    device  TEXT   NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    subject TEXT   NOT NULL,
    of_item BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (device, subject)
);

CREATE TABLE letters (
    id             TEXT PRIMARY KEY,
    agency         TEXT   NOT NULL,
    kind           TEXT   NOT NULL,
    request        TEXT   NOT NULL,
    recipient      TEXT   NOT NULL,
    member         TEXT   NOT NULL,
    visit          TEXT   NOT NULL,
    item           TEXT   NOT NULL,
    service        TEXT   NOT NULL,
    failure        TEXT   NOT NULL,
    about          TEXT   NOT NULL,
    reference      TEXT   NOT NULL,
    state          TEXT   NOT NULL,
    attempts       BIGINT NOT NULL,
    next_ms        BIGINT NOT NULL,
    lease_until_ms BIGINT NOT NULL,
    lease_instance TEXT   NOT NULL,
    lease_life     TEXT   NOT NULL,
    words          TEXT   NOT NULL,
    message_id     TEXT   NOT NULL,
    link_id        BYTEA  NOT NULL UNIQUE,
    created_ms     BIGINT NOT NULL,
    ended_ms       BIGINT NOT NULL
);
CREATE INDEX letters_due ON letters (state, next_ms);
CREATE INDEX letters_of_agency ON letters (agency, kind, created_ms);
CREATE INDEX letters_of_recipient ON letters (recipient);
CREATE INDEX letters_of_request ON letters (request);

CREATE TABLE duties (
    kind           TEXT   NOT NULL,
    subject        TEXT   NOT NULL,
    agency         TEXT   NOT NULL,
    due_ms         BIGINT NOT NULL,
    lease_until_ms BIGINT NOT NULL,
    lease_instance TEXT   NOT NULL,
    lease_life     TEXT   NOT NULL,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX duties_due ON duties (due_ms);

CREATE TABLE changes (
    agency   TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    kind     TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    n        BIGINT NOT NULL,
    owner    TEXT   NOT NULL,
    audience TEXT   NOT NULL, -- all, owner, mains
    gone_ms  BIGINT NOT NULL, -- a deletion mark
    PRIMARY KEY (agency, kind, id)
);
CREATE INDEX changes_in_order ON changes (agency, n);

CREATE TABLE commits (
    agency  TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    mark    TEXT   NOT NULL,
    n       BIGINT NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (agency, mark)
);
CREATE INDEX commits_by_age ON commits (made_ms);

CREATE TABLE not_for_me (
    agency       TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    address_hash BYTEA  NOT NULL, -- keyed
    at_ms        BIGINT NOT NULL,
    PRIMARY KEY (agency, address_hash)
);

CREATE TABLE receipts (
    visit   TEXT PRIMARY KEY,
    request TEXT   NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    link_id BYTEA  NOT NULL UNIQUE,
    made_ms BIGINT NOT NULL
);

-- +goose Down
DROP TABLE receipts;
DROP TABLE not_for_me;
DROP TABLE commits;
DROP TABLE changes;
DROP TABLE duties;
DROP TABLE letters;
DROP TABLE holdings;
DROP TABLE deliveries;
DROP TABLE credentials;
DROP TABLE items;
DROP TABLE signins;
DROP TABLE visits;
DROP TABLE events;
DROP TABLE skips;
DROP TABLE recipients;
DROP TABLE requests;
DROP TABLE starts;
DROP TABLE connections;
DROP TABLE devices;
DROP TABLE reply_codes;
DROP TABLE codes;
DROP TABLE members;
DROP TABLE agencies;
DROP TABLE facts;
