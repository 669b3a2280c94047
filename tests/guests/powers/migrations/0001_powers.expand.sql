CREATE TABLE handled (id text NOT NULL, attempt bigint NOT NULL);
CREATE TABLE things (
    id        uuid PRIMARY KEY,
    name      text NOT NULL UNIQUE CHECK (length(name) <= 20),
    amount    numeric(14, 2),
    good      boolean,
    seen_at   timestamptz,
    detail    jsonb,
    content   bytea
);
