-- How people want to be told, turns for mails, and what the purge and its foreign key look for.

-- A row only for what somebody chose; the type's defaults are for the rest.
create table preferences (
    user_id uuid not null,
    type_code text not null references notification_types (code),
    in_app boolean not null,
    email boolean not null,
    primary key (user_id, type_code)
);

-- The last window of 60 seconds in which an address has places for mails taken; it may lie in the future.
create table send_throttle (
    recipient text primary key,
    window_start timestamptz not null,
    hits bigint not null check (hits > 0)
);

-- Not before this moment; null in rows of before.
alter table deliveries add column next_attempt_at timestamptz;

create index deliveries_notification on deliveries (notification_id);
create index notifications_read on notifications (read_at) where read_at is not null;
