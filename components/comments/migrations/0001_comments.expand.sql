-- Who takes part in which ticket, what people are called, what they said, and their files.

-- One row for each part that somebody has or had in a ticket, fed by the messages of tickets and tasks. A ticket is
-- known here once its requester is. Of approver, owner and assignee one is current: the one without `until`.
create table ticket_access_ref (
    ticket_number text not null check (length(ticket_number) = 16),
    user_id uuid not null,
    kind text not null check (kind in ('requester', 'approver', 'owner', 'assignee')),
    since timestamptz not null,
    until timestamptz,
    primary key (ticket_number, user_id, kind)
);
create index ticket_access_ref_user on ticket_access_ref (user_id) where until is null;

-- Fed by user.changed. Somebody who is only known from a ticket's message has version 0, so that anything replaces it.
-- The username is the local part of the address, in lower case.
create table users_ref (
    user_id uuid primary key,
    email text not null,
    username text not null,
    full_name text not null,
    is_active boolean not null,
    source_version bigint not null,
    synced_at timestamptz not null
);
create index users_ref_username on users_ref (username);

create table user_roles_ref (
    user_id uuid not null references users_ref (user_id) on delete cascade,
    system text not null,
    role text not null,
    primary key (user_id, system, role)
);

-- A reply has a parent of the same ticket; that the parent has none, and the same visibility, is the domain's rule.
create table comments (
    id uuid primary key,
    ticket_number text not null check (length(ticket_number) = 16),
    author_id uuid not null,
    author_name text not null,
    author_role text not null check (author_role in ('Requester', 'Agent', 'Coordinator', 'Admin')),
    body text not null check (length(body) between 1 and 5000),
    visibility text not null check (visibility in ('public', 'internal')),
    parent_id uuid,
    created_at timestamptz not null,
    edited_at timestamptz,
    deleted_at timestamptz,
    deleted_by uuid,
    unique (id, ticket_number),
    foreign key (parent_id, ticket_number) references comments (id, ticket_number),
    check (parent_id is null or parent_id <> id)
);
create index comments_ticket on comments (ticket_number, created_at desc, id desc) where parent_id is null;
create index comments_parent on comments (parent_id, created_at, id) where parent_id is not null;

-- Thumbs up or down, one for each person; counted when asked.
create table comment_reactions (
    comment_id uuid not null references comments (id) on delete cascade,
    user_id uuid not null,
    value integer not null check (value in (-1, 1)),
    primary key (comment_id, user_id)
);

create table comment_mentions (
    comment_id uuid not null references comments (id) on delete cascade,
    user_id uuid not null,
    primary key (comment_id, user_id)
);
create index comment_mentions_user on comment_mentions (user_id);

-- Bytes, stored once however often they are attached. Rights hang on the comment, never on the bytes.
create table blobs (
    sha256 text primary key check (length(sha256) = 64),
    storage_key text not null unique,
    byte_size bigint not null check (byte_size between 1 and 10485760),
    created_at timestamptz not null
);

-- The type belongs to the name: the same bytes may be a .txt here and a .csv there.
create table comment_files (
    id uuid primary key,
    comment_id uuid not null references comments (id) on delete cascade,
    blob_sha256 text not null references blobs (sha256),
    original_name text not null check (length(original_name) between 1 and 255),
    media_type text not null,
    attached_by uuid not null,
    attached_at timestamptz not null
);
create index comment_files_comment on comment_files (comment_id);
create index comment_files_blob on comment_files (blob_sha256);

-- Blobs that were started and belong to nothing yet. A row is written before its blob and goes in the transaction
-- that adopts it, so that a crash in between leaves a trace for the sweep.
create table upload_intents (
    storage_key text primary key,
    started_at timestamptz not null
);
create index upload_intents_started on upload_intents (started_at);

-- Until when somebody has read a ticket's comments.
create table read_marks (
    ticket_number text not null,
    user_id uuid not null,
    last_seen_at timestamptz not null,
    primary key (ticket_number, user_id)
);

-- Edits and deletions: by whom, and what stood there before.
create table audit_log (
    id uuid primary key,
    at timestamptz not null,
    actor_id uuid not null,
    actor_name text not null,
    action text not null check (action in ('comment.edited', 'comment.deleted')),
    target_type text not null,
    target_id text not null,
    changes json not null
);
create index audit_log_target on audit_log (target_type, target_id, at desc);
create index audit_log_actor on audit_log (actor_id, at desc);

-- Messages the room has handled, by the kit's shape.
create table inbox (
    consumer text not null,
    message_id text not null,
    received_at timestamptz not null,
    primary key (consumer, message_id)
);
