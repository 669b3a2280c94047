-- Who can be told, what about, what they were told in the application, and what was mailed.
-- Shared by `notifications` (owner) and `notification-worker`.

create table recipients_ref (
    user_id uuid primary key,
    email text not null,
    full_name text not null,
    is_active boolean not null,
    source_version bigint not null,
    synced_at timestamptz not null
);

create table recipient_roles_ref (
    user_id uuid not null references recipients_ref (user_id) on delete cascade,
    system text not null,
    role text not null,
    primary key (user_id, system, role)
);
create index recipient_roles_ref_role on recipient_roles_ref (system, role);

create table notification_types (
    code text primary key,
    title text not null,
    default_in_app boolean not null,
    default_email boolean not null,
    severity text not null check (severity in ('info', 'warning', 'critical'))
);

insert into notification_types (code, title, default_in_app, default_email, severity) values
    ('task_assignment', 'A task is assigned to you', true, true, 'info'),
    ('task_transfer_out', 'A task of yours was transferred', true, true, 'info'),
    ('task_transfer_in', 'A task was transferred to you', true, true, 'info'),
    ('task_escalation_out', 'A task of yours was escalated', true, true, 'warning'),
    ('task_escalation_in', 'A task was escalated to you', true, true, 'warning'),
    ('task_completed', 'A task is completed', true, true, 'info'),
    ('task_status_update', 'A ticket changed its status', true, true, 'info'),
    ('ticket_resolved', 'A ticket is resolved', true, true, 'info'),
    ('ticket_closed', 'A ticket is closed', true, true, 'info'),
    ('ticket_reopened', 'A ticket is open again', true, true, 'info'),
    ('sla_warning', 'A target time is near', true, true, 'warning'),
    ('sla_breach', 'A target time has passed', true, true, 'critical'),
    ('workflow_step_change', 'A ticket moved to its next step', true, true, 'info'),
    ('comment_added', 'A comment was added', true, true, 'info'),
    ('mention', 'You were mentioned', true, true, 'info'),
    ('system', 'A message of the system', true, false, 'info');

create table notifications (
    id uuid primary key,
    user_id uuid not null,
    type_code text not null references notification_types (code),
    subject text not null check (length(subject) between 1 and 200),
    body text not null,
    ticket_number text check (length(ticket_number) <= 100),
    data json not null,
    source_event_id text not null,
    created_at timestamptz not null,
    read_at timestamptz,
    unique (source_event_id, user_id, type_code)
);
create index notifications_user on notifications (user_id, created_at desc, id desc);
create index notifications_unread on notifications (user_id) where read_at is null;
create index notifications_ticket on notifications (ticket_number);

create table deliveries (
    id uuid primary key,
    notification_id uuid references notifications (id) on delete set null,
    source_event_id text not null,
    user_id uuid not null,
    recipient text not null,
    type_code text not null references notification_types (code),
    subject text not null,
    body_text text not null,
    body_html text not null,
    state text not null check (state in ('queued', 'sent', 'failed', 'dead', 'skipped')),
    attempts integer not null,
    last_error text,
    provider_id text,
    created_at timestamptz not null,
    sent_at timestamptz,
    unique (source_event_id, recipient, type_code)
);
create index deliveries_open on deliveries (source_event_id) where state in ('queued', 'failed');
create index deliveries_user on deliveries (user_id, created_at desc);

-- Messages the worker has handled, by the kit's shape.
create table if not exists inbox (
    consumer text not null,
    message_id text not null,
    received_at timestamptz not null,
    primary key (consumer, message_id)
);
