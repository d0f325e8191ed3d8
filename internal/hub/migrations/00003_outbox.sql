-- +goose Up

-- What goes next is found along an index: after weeks without a network
-- thousands of entries wait.
CREATE INDEX outbox_order ON outbox (ahead, seq);
