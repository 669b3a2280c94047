-- One row for each write: `id` is the client's, so that a write that is lost or done twice can be counted afterwards.
CREATE TABLE writes (id text NOT NULL, version text NOT NULL);
CREATE INDEX writes_id ON writes (id);
-- One row for each effect of a message: who handled it, and who sent it.
CREATE TABLE handled (id text NOT NULL, handler text NOT NULL, sender text NOT NULL);
CREATE TABLE ticks (slot text NOT NULL, version text NOT NULL);
CREATE TABLE inbox (consumer text NOT NULL, message_id text NOT NULL, received_at timestamptz NOT NULL,
                    PRIMARY KEY (consumer, message_id));
CREATE TABLE legacy (id text NOT NULL);
