-- The ticket, its number, its files, its log and its rating.

create table ticket_number_counter (
    day text primary key check (length(day) = 8),
    last_issued integer not null check (last_issued between 1 and 999999)
);

create table tickets (
    id uuid primary key,
    number text not null unique,
    requester_id uuid not null,
    requester_snapshot json not null,
    subject text not null check (length(subject) between 1 and 255),
    category_code text not null references categories (code),
    subcategory_code text,
    description text not null check (length(description) between 1 and 20000),
    scheduled_on text check (length(scheduled_on) = 10),
    details json not null,
    extra json not null,
    department text references departments (code),
    priority text check (priority in ('critical', 'high', 'medium', 'low')),
    status text not null check (status in ('new', 'open', 'in_progress', 'on_hold', 'pending', 'resolved', 'rejected', 'withdrawn', 'closed')),
    source text not null,
    submitted_at timestamptz not null,
    first_response_at timestamptz,
    approved_at timestamptz,
    approved_by uuid,
    approved_by_name text,
    approval_notes text,
    rejected_at timestamptz,
    rejected_by uuid,
    rejection_reason text,
    withdrawn_at timestamptz,
    withdraw_reason text,
    resolved_at timestamptz,
    closed_at timestamptz,
    close_kind text check (close_kind in ('requester', 'staff', 'auto')),
    assignee_name text,
    updated_at timestamptz not null,
    row_version bigint not null,
    foreign key (category_code, subcategory_code) references subcategories (category_code, code),
    check (status <> 'rejected' or rejection_reason is not null),
    check (status <> 'withdrawn' or withdraw_reason is not null),
    check (status not in ('open', 'in_progress', 'on_hold', 'resolved', 'closed') or (priority is not null and department is not null))
);
create index tickets_requester on tickets (requester_id, submitted_at desc);
create index tickets_status on tickets (status, submitted_at desc);
create index tickets_submitted on tickets (submitted_at desc);
create index tickets_resolved on tickets (resolved_at) where status = 'resolved';

create table ticket_attachments (
    id uuid primary key,
    ticket_id uuid not null references tickets (id),
    storage_key text not null unique,
    original_name text not null check (length(original_name) between 1 and 255),
    media_type text not null,
    byte_size bigint not null check (byte_size between 1 and 26214400),
    sha256 text not null,
    uploaded_by uuid not null,
    uploaded_by_name text not null,
    uploaded_at timestamptz not null,
    deleted_at timestamptz
);
create index ticket_attachments_ticket on ticket_attachments (ticket_id) where deleted_at is null;

-- Blobs that were started and belong to no ticket yet. A row is written before its blob and goes in the transaction
-- that adopts it, so that a crash in between leaves a trace for the sweep.
create table upload_intents (
    storage_key text primary key,
    started_at timestamptz not null
);
create index upload_intents_started on upload_intents (started_at);

create table ticket_events (
    id uuid primary key,
    ticket_id uuid not null references tickets (id),
    at timestamptz not null,
    actor_id uuid,
    actor_name text not null,
    kind text not null check (kind in ('created', 'approved', 'rejected', 'claimed', 'status', 'withdrawn', 'closed', 'auto_closed', 'reopened', 'rated', 'attachment', 'edited')),
    from_status text,
    to_status text,
    note text,
    is_internal boolean not null,
    data json not null
);
create index ticket_events_ticket on ticket_events (ticket_id, id);

create table ticket_ratings (
    ticket_id uuid primary key references tickets (id),
    stars integer not null check (stars between 1 and 5),
    feedback text check (length(feedback) <= 255),
    rated_at timestamptz not null
);
