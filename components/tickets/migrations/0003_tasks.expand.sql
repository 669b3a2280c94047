-- What the work on a ticket leaves here: who takes part, whose turn it is and since when, which messages were handled.

-- Who may see a ticket besides its requester and those who see all. Rows stay: who held it once may look back.
create table ticket_participants (
    ticket_id uuid not null references tickets (id),
    user_id uuid not null,
    kind text not null check (kind in ('requester', 'coordinator', 'assignee', 'watcher')),
    since timestamptz not null,
    primary key (ticket_id, user_id, kind)
);
create index ticket_participants_user on ticket_participants (user_id, ticket_id);

-- Messages this service has handled, by the kit's shape.
create table inbox (
    consumer text not null,
    message_id text not null,
    received_at timestamptz not null,
    primary key (consumer, message_id)
);

-- Messages come in any order, so that a moment decides whether one is about the present: since when `assignee_name`
-- holds, and from when on a task is the one after the reopening.
alter table tickets add column assigned_at timestamptz;
alter table tickets add column reopened_at timestamptz;

-- The log learns the word 'assigned'. SQLite cannot change a check, so that the table is made anew; to the version that
-- still serves it is the same.
create table ticket_events_next (
    id uuid primary key,
    ticket_id uuid not null references tickets (id),
    at timestamptz not null,
    actor_id uuid,
    actor_name text not null,
    kind text not null check (kind in ('created', 'approved', 'rejected', 'claimed', 'assigned', 'status', 'withdrawn', 'closed', 'auto_closed', 'reopened', 'rated', 'attachment', 'edited')),
    from_status text,
    to_status text,
    note text,
    is_internal boolean not null,
    data json not null
);
insert into ticket_events_next (id, ticket_id, at, actor_id, actor_name, kind, from_status, to_status, note, is_internal, data)
    select id, ticket_id, at, actor_id, actor_name, kind, from_status, to_status, note, is_internal, data from ticket_events;
drop table ticket_events;
alter table ticket_events_next rename to ticket_events;
create index ticket_events_ticket on ticket_events (ticket_id, id);
