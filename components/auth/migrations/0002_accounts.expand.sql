-- One-time codes, forgotten passwords, limits of requests; and the outcome `otp_bad` of an attempt to sign in.

-- One row per code. A sign-in's is found by what the browser shows, of which only the SHA-256 is kept.
create table otp_challenges (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    purpose text not null check (purpose in ('login', 'disable_2fa')),
    secret_hash bytea unique,
    code_hash bytea not null,
    created_at timestamptz not null,
    sent_at timestamptz not null,
    resends bigint not null check (resends >= 0),
    attempts bigint not null check (attempts >= 0),
    expires_at timestamptz not null,
    ended_at timestamptz,
    check (purpose <> 'login' or secret_hash is not null)
);
create index otp_challenges_open on otp_challenges (user_id, purpose) where ended_at is null;
create index otp_challenges_expires on otp_challenges (expires_at);

create table password_resets (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    token_hash bytea not null unique,
    requested_at timestamptz not null,
    requested_ip text,
    expires_at timestamptz not null,
    ended_at timestamptz
);
create index password_resets_open on password_resets (user_id) where ended_at is null;
create index password_resets_expires on password_resets (expires_at);

-- Requests that cost something, counted in windows. Keys are SHA-256, so that the table names nobody.
create table request_limits (
    scope text not null check (scope in ('code', 'forgot_email', 'forgot_ip', 'register_ip')),
    key_hash bytea not null,
    started_at timestamptz not null,
    hits bigint not null check (hits > 0),
    primary key (scope, key_hash)
);
create index request_limits_started on request_limits (started_at);

-- A check cannot be widened in place, so the table is written anew.
create table login_events_next (
    id uuid primary key,
    at timestamptz not null,
    user_id uuid,
    email text not null,
    outcome text not null check (outcome in
        ('ok', 'bad_password', 'locked', 'otp_required', 'otp_bad', 'pending', 'rejected', 'rate_limited')),
    ip text,
    user_agent text
);
insert into login_events_next (id, at, user_id, email, outcome, ip, user_agent)
    select id, at, user_id, email, outcome, ip, user_agent from login_events;
drop table login_events;
alter table login_events_next rename to login_events;
create index login_events_user on login_events (user_id, at);
create index login_events_email on login_events (email, at);
create index login_events_at on login_events (at);

create index audit_log_at on audit_log (at);
