-- One text for SQLite and PostgreSQL: TEXT, BIGINT, BYTEA. Ids are made in Go,
-- times are milliseconds, zero is never, a yes is 1, a list is a JSON array. A mac is
-- a MAC under the key file over what the row decides: see signing.go. A row that was
-- written by hand gets nothing.

-- +goose Up
CREATE TABLE metadata (
    name  TEXT   PRIMARY KEY,
    value TEXT   NOT NULL
);

CREATE TABLE agencies (
    id               TEXT   PRIMARY KEY,
    name             TEXT   NOT NULL,
    seq              BIGINT NOT NULL, -- the number of the newest change
    commit_id        TEXT   NOT NULL, -- random, new with each commit: tells a restored database
    visibility       BIGINT NOT NULL, -- rises when what members may see changes
    share_requests   BIGINT NOT NULL,
    suspended_ms     BIGINT NOT NULL,
    created_ms       BIGINT NOT NULL,
    brand_on         BIGINT NOT NULL,
    company          TEXT   NOT NULL,
    logo             BYTEA  NOT NULL,
    logo_etag        TEXT   NOT NULL, -- tells one logo from another; empty: there is none
    colour           TEXT   NOT NULL,
    reply_to         TEXT   NOT NULL,
    pending_reply_to TEXT   NOT NULL,
    show_requester   BIGINT NOT NULL,
    webhooks_off     TEXT   NOT NULL, -- JSON array of texts: names of webhooks that the relay switched off
    domain_lost      TEXT   NOT NULL, -- the domain of its own that its links no longer open at; empty: none
    operator_acts    TEXT   NOT NULL, -- JSON array of onboarding.OperatorAct, newest first, five at most
    restored_ms      BIGINT NOT NULL, -- a backup was restored; zero: that is confirmed
    restored_by      TEXT   NOT NULL, -- the main user whose hub confirms it; empty: the operator has named none
    roster_version   BIGINT NOT NULL, -- rises with each change of who belongs to the agency
    roster_mac       BYTEA  NOT NULL  -- under the key file: of this row, its members, their devices and codes
);

-- What the relay wrote last of who belongs to an agency: read only where that was
-- changed by something else, to say what was.
CREATE TABLE rosters (
    agency  TEXT   PRIMARY KEY REFERENCES agencies (id) ON DELETE CASCADE,
    content TEXT   NOT NULL, -- JSON of store.rosterRecord
    mac     BYTEA  NOT NULL
);

CREATE TABLE members (
    id         TEXT   PRIMARY KEY,
    agency     TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    name       TEXT   NOT NULL,
    email      TEXT   NOT NULL,
    role       TEXT   NOT NULL,
    visibility BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    removed_ms BIGINT NOT NULL
);
CREATE INDEX members_of_agency ON members (agency);

CREATE TABLE codes (
    hash         BYTEA  PRIMARY KEY, -- HMAC under the key file
    id           TEXT   NOT NULL,    -- under which it is listed and withdrawn
    agency       TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    member       TEXT   NOT NULL,
    expires_ms   BIGINT NOT NULL,
    withdrawn_ms BIGINT NOT NULL,
    device       TEXT   NOT NULL, -- that used it
    public_key   TEXT   NOT NULL
);
CREATE INDEX codes_of_agency ON codes (agency);

CREATE TABLE reply_to_codes (
    agency     TEXT   PRIMARY KEY REFERENCES agencies (id) ON DELETE CASCADE,
    address    TEXT   NOT NULL,
    hash       BYTEA  NOT NULL,
    expires_ms BIGINT NOT NULL,
    tries      BIGINT NOT NULL
);

CREATE TABLE devices (
    id           TEXT   PRIMARY KEY,
    agency       TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    member       TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    public_key   TEXT   NOT NULL,
    token_hash   BYTEA  NOT NULL UNIQUE,
    created_ms   BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    approved_ms  BIGINT NOT NULL,
    revoked_ms   BIGINT NOT NULL
);
CREATE INDEX devices_of_agency ON devices (agency);

CREATE TABLE connections (
    id         TEXT   PRIMARY KEY,
    agency     TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    member     TEXT   NOT NULL,
    platform   TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    user_name  TEXT   NOT NULL,
    businesses TEXT   NOT NULL, -- JSON array of onboarding.Business: [{"id": "9", "name": "Acme"}]
    ends_ms    BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    ended_ms   BIGINT NOT NULL,
    mac        BYTEA  NOT NULL
);
CREATE INDEX connections_of_agency ON connections (agency);

-- Sign-ins of the agency's own that are under way. What the callback brought
-- waits here, sealed, for the code and the verifier.
CREATE TABLE pending_connections (
    id          TEXT   PRIMARY KEY, -- of the connection to be
    agency      TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    member      TEXT   NOT NULL,
    device      TEXT   NOT NULL,
    platform    TEXT   NOT NULL,
    challenge   TEXT   NOT NULL,
    loopback    TEXT   NOT NULL,
    start_hash  BYTEA  NOT NULL UNIQUE,
    cookie_hash BYTEA  NOT NULL, -- of the browser that pressed the button
    code_hash   BYTEA  NOT NULL,
    result      TEXT   NOT NULL, -- JSON of store.PendingResult; empty: nothing came yet
    expires_ms  BIGINT NOT NULL,
    mac         BYTEA  NOT NULL
);

CREATE TABLE requests (
    id                 TEXT   PRIMARY KEY,
    agency             TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    owner              TEXT   NOT NULL,
    client             TEXT   NOT NULL,
    message            TEXT   NOT NULL,
    services           TEXT   NOT NULL, -- JSON array of texts: ["facebook", "hubspot"]
    connection         TEXT   NOT NULL,
    user_id            TEXT   NOT NULL,
    user_name          TEXT   NOT NULL,
    business_id        TEXT   NOT NULL,
    business_name      TEXT   NOT NULL,
    by_hand            BIGINT NOT NULL, -- at Facebook the client shares without a sign-in
    kinds              TEXT   NOT NULL, -- JSON array of texts: what more is asked for at Facebook
    level              TEXT   NOT NULL,
    status             TEXT   NOT NULL,
    created_ms         BIGINT NOT NULL,
    accepted_ms        BIGINT NOT NULL,
    expires_ms         BIGINT NOT NULL,
    link_id            BYTEA  NOT NULL UNIQUE, -- opens nothing without the key file
    link_version       BIGINT NOT NULL,
    renewed_ms         BIGINT NOT NULL,
    link_asked_ms      BIGINT NOT NULL, -- a client asked for a new link, since the newest was made or sent
    opened_ms          BIGINT NOT NULL,
    withdrawn_ms       BIGINT NOT NULL,
    finished_ms        BIGINT NOT NULL,
    completed_ms       BIGINT NOT NULL,
    completed_by_name  TEXT   NOT NULL,
    completed_by_email TEXT   NOT NULL,
    confirmed          BIGINT NOT NULL,
    archived_ms        BIGINT NOT NULL,
    forgotten_ms       BIGINT NOT NULL,
    declined_ms        BIGINT NOT NULL, -- a client cannot do any of it; zero: nobody said so
    declined_by        TEXT   NOT NULL, -- the name
    declined_visit     TEXT   NOT NULL, -- whose reason it is; empty: of a visit that is gone
    decline_reason     TEXT   NOT NULL,
    reminders          TEXT   NOT NULL, -- JSON array of numbers: days after the invitation; empty: nobody is reminded
    last_number        BIGINT NOT NULL, -- of a recipient: none is given again, whoever was forgotten
    mac                BYTEA  NOT NULL
);
CREATE INDEX requests_of_agency ON requests (agency);

CREATE TABLE recipients (
    id           TEXT   PRIMARY KEY,
    request      TEXT   NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    address      TEXT   NOT NULL,
    number       BIGINT NOT NULL,
    added_ms     BIGINT NOT NULL,
    email_state  TEXT   NOT NULL,
    server_reply TEXT   NOT NULL,
    sent_ms      BIGINT NOT NULL,
    sent_count   BIGINT NOT NULL,
    opened_ms    BIGINT NOT NULL,
    stopped_ms   BIGINT NOT NULL,
    invited_ms   BIGINT NOT NULL, -- the mail server accepted the first email with the current link
    remind_ms    BIGINT NOT NULL, -- the next reminder; zero: none
    -- what a colleague asked them to look after
    services        TEXT   NOT NULL, -- JSON array of texts
    scoped          BIGINT NOT NULL, -- 1: their link opens these services alone
    handed_by_name  TEXT   NOT NULL,
    handed_by_email TEXT   NOT NULL,
    handed_ms       BIGINT NOT NULL, -- zero: nobody did, the agency invited them
    asked           TEXT   NOT NULL, -- JSON object: when for each service
    mac             BYTEA  NOT NULL,
    UNIQUE (request, number)
);

CREATE TABLE skipped_services (
    request TEXT   NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    service TEXT   NOT NULL,
    reason  TEXT   NOT NULL,
    PRIMARY KEY (request, service)
);

CREATE TABLE events (
    id      TEXT   PRIMARY KEY,
    request TEXT   NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    at_ms   BIGINT NOT NULL,
    kind    TEXT   NOT NULL,
    who     TEXT   NOT NULL,
    detail  TEXT   NOT NULL,
    service TEXT   NOT NULL, -- of an item's event
    -- its place in the request's hash chain; who and detail are in it by their salted hashes
    number      BIGINT NOT NULL,
    who_salt    BYTEA  NOT NULL, -- empty: who was deleted
    who_hash    BYTEA  NOT NULL,
    detail_salt BYTEA  NOT NULL, -- empty: detail was deleted
    detail_hash BYTEA  NOT NULL,
    dropped     BIGINT NOT NULL, -- 1: only the hashes are kept
    hash        BYTEA  NOT NULL,
    UNIQUE (request, number)
);

-- The end of each request's chain of events.
CREATE TABLE event_chains (
    request TEXT   PRIMARY KEY REFERENCES requests (id) ON DELETE CASCADE,
    length  BIGINT NOT NULL,
    hash    BYTEA  NOT NULL, -- of the last event
    mac     BYTEA  NOT NULL  -- by the key file; empty: an end that was not the relay's was met
);

CREATE TABLE visits (
    id               TEXT   PRIMARY KEY,
    request          TEXT   NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    agency           TEXT   NOT NULL,
    cookie_hash      BYTEA  NOT NULL UNIQUE,
    version          BIGINT NOT NULL, -- of the link it began with
    recipient        BIGINT NOT NULL, -- number in the link, zero for a copied one
    scoped           BIGINT NOT NULL, -- 1: it has the services that were handed to its recipient, and no others
    part_ms          BIGINT NOT NULL, -- it finished its part, and colleagues have the rest; zero: it did not
    repair           TEXT   NOT NULL, -- the item that it repairs; empty: it is of the request's link
    name             TEXT   NOT NULL,
    email            TEXT   NOT NULL,
    state            TEXT   NOT NULL, -- JSON object of the wizard
    created_ms       BIGINT NOT NULL,
    seen_ms          BIGINT NOT NULL,
    ended_ms         BIGINT NOT NULL,
    user_id          TEXT   NOT NULL, -- at Facebook
    user_name        TEXT   NOT NULL,
    sealed_token     BYTEA  NOT NULL, -- short-lived, of the platform, sealed under the cookie
    token_used_ms    BIGINT NOT NULL,
    token_expires_ms BIGINT NOT NULL, -- the platform's end of it
    mac              BYTEA  NOT NULL
);
CREATE INDEX visits_of_request ON visits (request, created_ms);
CREATE INDEX visits_ended ON visits (ended_ms) WHERE ended_ms > 0;
CREATE INDEX visits_with_token ON visits (token_used_ms);

CREATE TABLE oauth_states (
    state_hash     BYTEA  PRIMARY KEY,
    visit          TEXT   NOT NULL, -- or
    connection     TEXT   NOT NULL, -- of the agency's own sign-in
    platform       TEXT   NOT NULL,
    purpose        TEXT   NOT NULL, -- JSON object of the wizard: what the visitor was doing
    expires_ms     BIGINT NOT NULL,
    mac            BYTEA  NOT NULL
);
CREATE INDEX oauth_states_by_end ON oauth_states (expires_ms);
CREATE INDEX oauth_states_of_visit ON oauth_states (visit, connection);

CREATE TABLE items (
    id                  TEXT   PRIMARY KEY,
    agency              TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    request             TEXT   NOT NULL, -- empty: the agency's own
    owner               TEXT   NOT NULL,
    connection          TEXT   NOT NULL, -- of the agency's own ad accounts and Pages; else empty
    service             TEXT   NOT NULL,
    kind                TEXT   NOT NULL,
    account             TEXT   NOT NULL, -- "named:" and a hash: the client typed the name, and nothing was found yet
    name                TEXT   NOT NULL,
    detail              TEXT   NOT NULL,
    read_only           BIGINT NOT NULL, -- who connected it may not change it
    connected_by_name   TEXT   NOT NULL,
    connected_by_email  TEXT   NOT NULL,
    platform_by         TEXT   NOT NULL,
    state               TEXT   NOT NULL,
    failure             TEXT   NOT NULL,
    reference           TEXT   NOT NULL,
    tasks               TEXT   NOT NULL, -- JSON array of texts
    access_state        TEXT   NOT NULL,
    access_failure      TEXT   NOT NULL,
    access_code         TEXT   NOT NULL,
    access_since_ms     BIGINT NOT NULL,
    access_checked_ms   BIGINT NOT NULL,
    access_capabilities TEXT   NOT NULL, -- JSON array of onboarding.Capability: [{"name": "contacts", "count": 41207}]
    checks              TEXT   NOT NULL, -- JSON array of onboarding.CheckRecord, newest first, three at most
    version             BIGINT NOT NULL, -- newest of its credential
    created_ms          BIGINT NOT NULL,
    changed_ms          BIGINT NOT NULL,
    connected_ms        BIGINT NOT NULL,
    ended_ms            BIGINT NOT NULL,
    ended_by            TEXT   NOT NULL,
    ended_proven        BIGINT NOT NULL, -- a call proved that the access is gone
    withdrawn_ms        BIGINT NOT NULL, -- the client withdrew it, and the agency has to end it
    confirmed_ms        BIGINT NOT NULL, -- a member confirmed it without a check; zero: nobody did
    confirmed_by        TEXT   NOT NULL, -- the member's name
    namings             TEXT   NOT NULL, -- JSON array of onboarding.Naming: what clients typed before it was found
    not_accounts        TEXT   NOT NULL, -- JSON array of texts: a member has said that it is none of these
    mac                 BYTEA  NOT NULL,
    UNIQUE (agency, request, owner, service, kind, account)
);
CREATE INDEX items_of_request ON items (request);
-- What else hangs on the same grant is looked for in every agency.
CREATE INDEX items_by_account ON items (service, account);
CREATE INDEX items_by_person ON items (service, platform_by);

-- Facebook tells the relay by a user's number whose data is to be deleted. It is not stored
-- beyond the sign-in: what still names the user is found by the number's keyed hash.
CREATE TABLE visit_users (
    visit        TEXT   PRIMARY KEY REFERENCES visits (id) ON DELETE CASCADE,
    user_hash    BYTEA  NOT NULL, -- of who signed in last
    signed_in_ms BIGINT NOT NULL
);
CREATE INDEX visit_users_by_hash ON visit_users (user_hash);

CREATE TABLE item_users (
    item      TEXT   PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    user_hash BYTEA  NOT NULL -- of whom platform_by names
);
CREATE INDEX item_users_by_hash ON item_users (user_hash);

-- That a platform's user asked there for the deletion of their data.
CREATE TABLE deletions (
    code_hash   BYTEA  PRIMARY KEY, -- keyed: of the code under which its page is
    platform    TEXT   NOT NULL,
    user_hash   BYTEA  NOT NULL, -- keyed, under the newest key of its time
    user_hashes TEXT   NOT NULL, -- JSON array of texts in hex: under each key of its time
    asked_ms    BIGINT NOT NULL,
    received_ms BIGINT NOT NULL,
    done_ms     BIGINT NOT NULL, -- zero: it is under way
    sign_ins    BIGINT NOT NULL, -- what was deleted, as counted
    accounts    BIGINT NOT NULL,
    connections BIGINT NOT NULL
);
CREATE INDEX deletions_of_user ON deletions (user_hash, received_ms);

-- Who shared an item, by the visit in which they did: its receipt lists the item, whoever
-- connects it again.
CREATE TABLE shares (
    item  TEXT   NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    visit TEXT   NOT NULL REFERENCES visits (id) ON DELETE CASCADE,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (item, visit)
);
CREATE INDEX shares_of_visit ON shares (visit);

-- The link by which a client repairs an item whose access is broken: one at a time.
CREATE TABLE repairs (
    item         TEXT   PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    request      TEXT   NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    link_id      BYTEA  NOT NULL UNIQUE, -- opens nothing without the key file
    version      BIGINT NOT NULL, -- of the link: rises with each repair of the item
    address      TEXT   NOT NULL, -- whom the link goes to; empty: it is only copied
    email_state  TEXT   NOT NULL, -- of the email to that address
    made_by      TEXT   NOT NULL, -- the member's name
    lost         BIGINT NOT NULL, -- 1: the credential was only on a computer that is gone
    item_version BIGINT NOT NULL, -- of the item's credential, when the repair was prepared
    created_ms   BIGINT NOT NULL,
    expires_ms   BIGINT NOT NULL,
    sent_ms      BIGINT NOT NULL,
    opened_ms    BIGINT NOT NULL,
    closed_ms    BIGINT NOT NULL, -- zero: it is open
    closed_why   TEXT   NOT NULL, -- works, withdrawn, ended
    mac          BYTEA  NOT NULL
);
CREATE INDEX repairs_of_request ON repairs (request);

CREATE TABLE credentials (
    item           TEXT   PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    version        BIGINT NOT NULL,
    refresh_hash   BYTEA  NOT NULL, -- keyed; empty: it has none
    renewed_ms     BIGINT NOT NULL,
    idle_limit_ms  BIGINT NOT NULL, -- how long it lives unused; zero: for ever
    lease_until_ms BIGINT NOT NULL,
    lease_owner    TEXT   NOT NULL,
    -- when the history last got an entry of each of these kinds; zero: never
    fetched_entry_ms   BIGINT NOT NULL DEFAULT 0,
    passed_on_entry_ms BIGINT NOT NULL DEFAULT 0,
    failed_entry_ms    BIGINT NOT NULL DEFAULT 0,
    is_failing         BIGINT NOT NULL DEFAULT 0 -- the history says that the platform refuses to renew it
);

CREATE TABLE deliveries (
    id         TEXT   PRIMARY KEY,
    device     TEXT   NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    subject    TEXT   NOT NULL, -- an item or a connection
    is_item    BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    sealed     BYTEA  NOT NULL,
    created_ms BIGINT NOT NULL,
    mac        BYTEA  NOT NULL,
    UNIQUE (device, subject)
);
CREATE INDEX deliveries_of_subject ON deliveries (subject);
CREATE INDEX deliveries_by_age ON deliveries (created_ms);

CREATE TABLE device_credentials (
    device  TEXT   NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    subject TEXT   NOT NULL,
    is_item BIGINT NOT NULL,
    version BIGINT NOT NULL,
    mac     BYTEA  NOT NULL, -- of the delivery
    PRIMARY KEY (device, subject)
);
CREATE INDEX device_credentials_of_subject ON device_credentials (subject);

CREATE TABLE emails (
    id             TEXT   PRIMARY KEY,
    agency         TEXT   NOT NULL,
    kind           TEXT   NOT NULL,
    request        TEXT   NOT NULL,
    recipient      TEXT   NOT NULL,
    member         TEXT   NOT NULL,
    visit          TEXT   NOT NULL,
    item           TEXT   NOT NULL,
    connection     TEXT   NOT NULL, -- of the agency's own
    service        TEXT   NOT NULL,
    failure        TEXT   NOT NULL,
    platform_code  TEXT   NOT NULL,
    about          TEXT   NOT NULL,
    reference      TEXT   NOT NULL,
    state          TEXT   NOT NULL,
    attempts       BIGINT NOT NULL,
    not_before_ms  BIGINT NOT NULL,
    lease_until_ms BIGINT NOT NULL,
    lease_instance TEXT   NOT NULL,
    lease_run      TEXT   NOT NULL,
    server_reply   TEXT   NOT NULL,
    message_id     TEXT   NOT NULL,
    link_id        BYTEA  NOT NULL UNIQUE,
    address        TEXT   NOT NULL, -- that it went to; empty: as in the recipient's or the visit's row, or not sent
    created_ms     BIGINT NOT NULL,
    held_ms        BIGINT NOT NULL, -- how long it was not tried, since the agency was suspended
    finished_ms    BIGINT NOT NULL
);
CREATE INDEX emails_due ON emails (state, not_before_ms);
CREATE INDEX emails_of_agency ON emails (agency, kind, created_ms);
CREATE INDEX emails_of_recipient ON emails (recipient);
CREATE INDEX emails_of_request ON emails (request);
CREATE INDEX emails_finished ON emails (finished_ms) WHERE finished_ms > 0;

-- What members want to hear of: counted, and listed in summaries.
CREATE TABLE news (
    id            TEXT   PRIMARY KEY,
    agency        TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    kind          TEXT   NOT NULL,
    request       TEXT   NOT NULL, -- empty: of the agency's own
    item          TEXT   NOT NULL,
    connection    TEXT   NOT NULL, -- of the agency's own
    visit         TEXT   NOT NULL, -- that finished with nothing
    owner         TEXT   NOT NULL, -- the member whom it concerns first
    service       TEXT   NOT NULL,
    failure       TEXT   NOT NULL,
    platform_code TEXT   NOT NULL,
    created_ms    BIGINT NOT NULL
);
CREATE INDEX news_of_request ON news (request, kind);
CREATE INDEX news_by_age ON news (created_ms);

-- Where news of an agency are posted. Address and secrets are sealed under the key file.
CREATE TABLE webhooks (
    id           TEXT   PRIMARY KEY,
    agency       TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    owner        TEXT   NOT NULL, -- the member who saved it last: it gets the news that they may see
    name         TEXT   NOT NULL,
    form         TEXT   NOT NULL, -- slack, teams, program
    kinds        TEXT   NOT NULL, -- JSON array of texts: of the news that it gets
    host         TEXT   NOT NULL, -- of the address, for people to read
    sealed       BYTEA  NOT NULL,
    enabled      BIGINT NOT NULL,
    off_error    TEXT   NOT NULL, -- why the relay switched it off; empty: it did not
    off_ms       BIGINT NOT NULL,
    failing_ms   BIGINT NOT NULL, -- since when deliveries fail
    created_ms   BIGINT NOT NULL
);
CREATE INDEX webhooks_of_agency ON webhooks (agency);

-- News on their way to a webhook, and the log of those before. It has ids only: the
-- body is written when it is sent.
CREATE TABLE webhook_deliveries (
    id             TEXT   PRIMARY KEY, -- the webhook-id
    webhook        TEXT   NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    agency         TEXT   NOT NULL,
    kind           TEXT   NOT NULL,
    request        TEXT   NOT NULL,
    item           TEXT   NOT NULL,
    connection     TEXT   NOT NULL,
    service        TEXT   NOT NULL,
    state          TEXT   NOT NULL, -- waiting, delivered, failed
    attempts       BIGINT NOT NULL,
    status         BIGINT NOT NULL, -- of HTTP
    error          TEXT   NOT NULL,
    reply          TEXT   NOT NULL, -- the beginning of the answer
    not_before_ms  BIGINT NOT NULL,
    tried_ms       BIGINT NOT NULL,
    lease_until_ms BIGINT NOT NULL,
    lease_instance TEXT   NOT NULL,
    lease_run      TEXT   NOT NULL,
    created_ms     BIGINT NOT NULL,
    finished_ms    BIGINT NOT NULL
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (state, not_before_ms);
CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (webhook, created_ms);
CREATE INDEX webhook_deliveries_of_request ON webhook_deliveries (request);
CREATE INDEX webhook_deliveries_tried ON webhook_deliveries (agency, tried_ms);
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (finished_ms) WHERE finished_ms > 0;

-- News for a member's daily email.
CREATE TABLE summary_news (
    news   TEXT   NOT NULL REFERENCES news (id) ON DELETE CASCADE,
    member TEXT   NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    email  TEXT   NOT NULL, -- that lists it; empty: none yet
    PRIMARY KEY (news, member)
);
CREATE INDEX summary_news_of_member ON summary_news (member, email);

CREATE TABLE news_settings (
    member         TEXT   PRIMARY KEY REFERENCES members (id) ON DELETE CASCADE,
    modes          TEXT   NOT NULL, -- JSON array of onboarding.NewsChoice: [{"kind": "completed", "mode": "daily"}]
    utc_offset_min BIGINT NOT NULL  -- of the member's computer, east of UTC
);

-- A sign-in of the agency's own, or the relay's app at a platform, that does not work.
CREATE TABLE outages (
    agency        TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    subject       TEXT   NOT NULL, -- "connection:" and its id, "app:" and the platform
    service       TEXT   NOT NULL,
    failure       TEXT   NOT NULL,
    platform_code TEXT   NOT NULL,
    since_ms      BIGINT NOT NULL,
    ended_ms      BIGINT NOT NULL, -- zero: it lasts
    reporter      TEXT   NOT NULL, -- of an app: the sub-user who alone has reported it; empty: confirmed
    PRIMARY KEY (agency, subject)
);

CREATE TABLE jobs (
    kind           TEXT   NOT NULL,
    subject        TEXT   NOT NULL,
    agency         TEXT   NOT NULL,
    due_ms         BIGINT NOT NULL,
    lease_until_ms BIGINT NOT NULL,
    lease_instance TEXT   NOT NULL,
    lease_run      TEXT   NOT NULL,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX jobs_due ON jobs (due_ms);
CREATE INDEX jobs_leased ON jobs (lease_until_ms, due_ms);
CREATE INDEX jobs_of_subject ON jobs (subject);

CREATE TABLE changes (
    agency     TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    kind       TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    seq        BIGINT NOT NULL,
    owner      TEXT   NOT NULL,
    audience   TEXT   NOT NULL, -- all, owner, owner_and_mains, managers
    deleted_ms BIGINT NOT NULL, -- zero: it exists
    PRIMARY KEY (agency, kind, id)
);
CREATE INDEX changes_in_order ON changes (agency, seq);
CREATE INDEX changes_deleted ON changes (deleted_ms) WHERE deleted_ms > 0;

CREATE TABLE commits (
    agency     TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    commit_id  TEXT   NOT NULL,
    seq        BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (agency, commit_id)
);
CREATE INDEX commits_by_age ON commits (created_ms);
CREATE INDEX commits_in_order ON commits (agency, seq);

CREATE TABLE suppressions (
    agency       TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    address_hash BYTEA  NOT NULL, -- keyed
    at_ms        BIGINT NOT NULL,
    PRIMARY KEY (agency, address_hash)
);

-- To whom an agency's emails went within the last day: the limits count it here, since
-- requests and their emails can be deleted.
CREATE TABLE send_log (
    email        TEXT   PRIMARY KEY,
    agency       TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    address_hash BYTEA  NOT NULL, -- keyed
    kind         TEXT   NOT NULL, -- of the email
    counted_by   TEXT   NOT NULL, -- outside, members, operator: together
    at_ms        BIGINT NOT NULL
);
CREATE INDEX send_log_of_agency ON send_log (agency, at_ms);
CREATE INDEX send_log_by_age ON send_log (at_ms);

CREATE TABLE receipts (
    visit      TEXT   PRIMARY KEY,
    request    TEXT   NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    link_id    BYTEA  NOT NULL UNIQUE,
    is_whole   BIGINT NOT NULL, -- its visit finished the request, as it is now: it names all of it
    created_ms BIGINT NOT NULL
);
CREATE INDEX receipts_of_request ON receipts (request);

-- What the operator's commands changed.
CREATE TABLE operations (
    id        TEXT   PRIMARY KEY,
    at_ms     BIGINT NOT NULL,
    command   TEXT   NOT NULL, -- as the operator typed it: agency remove
    agency    TEXT   NOT NULL, -- its id; empty: of the whole relay
    detail    TEXT   NOT NULL, -- ids and numbers; no name and no address of a person
    by_user   TEXT   NOT NULL, -- the system's user who ran it
    logged_ms BIGINT NOT NULL  -- zero: no relay has logged it yet
);
CREATE INDEX operations_to_log ON operations (at_ms) WHERE logged_ms = 0;

-- Certificates of the relay's own TLS, their keys and the account at the certificate
-- authority: sealed under the key file. All relays on this database share them.
CREATE TABLE certificate_files (
    name        TEXT   PRIMARY KEY, -- parts between slashes, as of a path
    sealed      BYTEA  NOT NULL,
    modified_ms BIGINT NOT NULL
);

-- Of several relays one at a time does what a name stands for, as fetching a certificate.
CREATE TABLE certificate_locks (
    name           TEXT   PRIMARY KEY,
    lease_until_ms BIGINT NOT NULL,
    lease_instance TEXT   NOT NULL,
    lease_run      TEXT   NOT NULL
);

-- Domains of agencies' own, at which their links open.
CREATE TABLE domains (
    agency      TEXT   NOT NULL REFERENCES agencies (id) ON DELETE CASCADE,
    name        TEXT   NOT NULL, -- ASCII, lower case
    token       TEXT   NOT NULL, -- of its TXT record
    state       TEXT   NOT NULL, -- proposed, verified, lost, leaving
    proposed_ms BIGINT NOT NULL,
    verified_ms BIGINT NOT NULL, -- when its records were right first; zero: never
    ready_ms    BIGINT NOT NULL, -- since when links open there; zero: not yet
    failing_ms  BIGINT NOT NULL, -- since when its records are wrong; zero: they are right
    left_ms     BIGINT NOT NULL, -- when the agency removed it; zero: it did not
    checked_ms  BIGINT NOT NULL,
    problem     TEXT   NOT NULL, -- what the last check met
    found       TEXT   NOT NULL, -- what the DNS has instead
    due_ms      BIGINT NOT NULL, -- when it is checked next; zero: not by itself
    told_ms     BIGINT NOT NULL DEFAULT 0, -- main users were told that links no longer open there; zero: they do
    mac         BYTEA  NOT NULL,
    PRIMARY KEY (agency, name)
);
-- Only one agency is served at a name; any number may propose it.
CREATE UNIQUE INDEX domains_served ON domains (name) WHERE state IN ('verified', 'leaving');
CREATE INDEX domains_due ON domains (due_ms) WHERE due_ms > 0;

-- Reviews of the operator's apps at platforms: the agency exists for its review alone, and
-- goes with it.
CREATE TABLE reviews (
    agency        TEXT   PRIMARY KEY REFERENCES agencies (id) ON DELETE CASCADE,
    app           TEXT   NOT NULL, -- the app's name at the platform
    service       TEXT   NOT NULL,
    member        TEXT   NOT NULL, -- whose its requests are
    business_id   TEXT   NOT NULL, -- with which a reviewer shares at Facebook
    business_name TEXT   NOT NULL,
    link_id       BYTEA  NOT NULL UNIQUE, -- opens nothing without the key file
    created_ms    BIGINT NOT NULL,
    ends_ms       BIGINT NOT NULL,
    started       BIGINT NOT NULL, -- requests that reviewers began
    started_ms    BIGINT NOT NULL, -- the last of them; zero: none
    mac           BYTEA  NOT NULL
);
