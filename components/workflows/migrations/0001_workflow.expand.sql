-- Who there is, how work goes from step to step, and the work itself. Shared by `workflows`, which migrates it, and
-- `workflow-worker`. Durations are seconds, weights are thousandths.

-- === mirrors of auth, fed by user.changed ===

create table people_ref (
    user_id uuid primary key,
    full_name text not null,
    email text not null,
    is_active boolean not null,
    source_version bigint not null
);

create table role_members_ref (
    system text not null,
    role text not null,
    user_id uuid not null references people_ref (user_id),
    source_version bigint not null,
    primary key (system, role, user_id)
);
create index role_members_ref_user on role_members_ref (user_id);

-- === workflows ===

create table workflows (
    id uuid primary key,
    name text not null check (length(name) between 1 and 64),
    description text not null check (length(description) <= 256),
    department text not null check (length(department) <= 64),
    category text not null check (length(category) <= 64),
    -- Absent: any.
    subcategory text check (length(subcategory) between 1 and 64),
    -- The three folded by `tasks::domain::match_key`, which knows more letters than the engine's lower().
    match_key text not null,
    state text not null check (state in ('draft', 'published', 'paused', 'archived')),
    -- The published version, which new tasks are pinned to.
    current_version_id uuid,
    created_by uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    row_version bigint not null,
    check (state not in ('published', 'paused') or current_version_id is not null)
);
create unique index workflows_name on workflows (lower(name)) where state <> 'archived';
create unique index workflows_match on workflows (match_key) where state = 'published';
create index workflows_state on workflows (state, id);

-- The graph of a published version never changes: an edit makes, or changes, the one draft.
create table workflow_versions (
    id uuid primary key,
    workflow_id uuid not null references workflows (id),
    n integer not null check (n >= 1),
    is_draft boolean not null,
    sla_critical_s bigint check (sla_critical_s > 0),
    sla_high_s bigint check (sla_high_s > 0),
    sla_medium_s bigint check (sla_medium_s > 0),
    sla_low_s bigint check (sla_low_s > 0),
    created_at timestamptz not null,
    published_at timestamptz,
    published_by uuid,
    unique (workflow_id, n),
    unique (id, workflow_id),
    check (is_draft = (published_at is null)),
    check (sla_critical_s < sla_high_s),
    check (sla_critical_s < sla_medium_s),
    check (sla_critical_s < sla_low_s),
    check (sla_high_s < sla_medium_s),
    check (sla_high_s < sla_low_s),
    check (sla_medium_s < sla_low_s)
);
create unique index workflow_versions_draft on workflow_versions (workflow_id) where is_draft;

-- A draft may be wrong, also in having two starts; what is published was found right before.
create table steps (
    id uuid primary key,
    version_id uuid not null references workflow_versions (id),
    key text not null check (length(key) between 1 and 64),
    name text not null check (length(name) between 1 and 64),
    description text not null check (length(description) <= 256),
    instruction text not null check (length(instruction) <= 4000),
    -- Name of a role in system tts; empty in drafts that do not say yet.
    role text not null check (length(role) <= 150),
    escalate_role text check (length(escalate_role) between 1 and 150),
    weight_milli bigint not null check (weight_milli between 0 and 1000000),
    position integer not null,
    is_start boolean not null,
    is_end boolean not null,
    ui_x integer not null,
    ui_y integer not null,
    unique (version_id, key),
    unique (id, version_id)
);

create table transitions (
    id uuid primary key,
    version_id uuid not null references workflow_versions (id),
    from_step_id uuid not null,
    to_step_id uuid not null,
    name text not null check (length(name) between 1 and 64),
    kind text not null check (kind in ('forward', 'return')),
    position integer not null,
    foreign key (from_step_id, version_id) references steps (id, version_id),
    foreign key (to_step_id, version_id) references steps (id, version_id),
    unique (id, version_id),
    check (from_step_id <> to_step_id)
);
create unique index transitions_name on transitions (version_id, from_step_id, to_step_id, lower(name));
create index transitions_from on transitions (from_step_id);

-- === tickets as they were approved ===

create table ticket_snapshots (
    ticket_id uuid primary key,
    number text not null unique,
    subject text not null,
    description text not null,
    department text not null,
    category text not null,
    subcategory text,
    priority text not null check (priority in ('Critical', 'High', 'Medium', 'Low')),
    requester_id uuid not null,
    requester_name text not null,
    requester_email text not null,
    -- When it was approved, or reopened last; an older message changes nothing.
    opened_at timestamptz not null,
    received_at timestamptz not null,
    allocation text not null check (allocation in ('pending', 'allocated', 'unmatched', 'no_staff', 'cancelled')),
    -- Why there is no task, for people.
    allocation_error text,
    -- The role that nobody held; with `no_staff` only.
    awaited_role text,
    withdrawn_at timestamptz,
    check ((allocation = 'no_staff') = (awaited_role is not null)),
    check ((allocation = 'cancelled') = (withdrawn_at is not null))
);
create index ticket_snapshots_allocation on ticket_snapshots (allocation, received_at);

-- === the work ===

create table tasks (
    id uuid primary key,
    ticket_id uuid not null references ticket_snapshots (ticket_id),
    workflow_id uuid not null,
    version_id uuid not null,
    current_step_id uuid,
    owner_id uuid,
    owner_name text,
    owner_email text,
    state text not null check (state in ('pending', 'in_progress', 'completed', 'on_hold', 'cancelled')),
    started_at timestamptz not null,
    due_at timestamptz,
    completed_at timestamptz,
    cancelled_at timestamptz,
    -- When it was found to be past its target; the work goes on.
    breached_at timestamptz,
    updated_at timestamptz not null,
    row_version bigint not null,
    foreign key (version_id, workflow_id) references workflow_versions (id, workflow_id),
    foreign key (current_step_id, version_id) references steps (id, version_id),
    unique (id, version_id),
    check ((state = 'completed') = (completed_at is not null)),
    check ((state = 'cancelled') = (cancelled_at is not null))
);
create unique index tasks_live on tasks (ticket_id) where state in ('pending', 'in_progress', 'on_hold');
create index tasks_ticket on tasks (ticket_id, started_at);
create index tasks_owner on tasks (owner_id, state);
create index tasks_state on tasks (state, due_at);
create index tasks_started on tasks (started_at);
create index tasks_workflow on tasks (workflow_id, state);
create index tasks_version on tasks (version_id);
create index tasks_breach on tasks (due_at) where state in ('pending', 'in_progress', 'on_hold') and breached_at is null;

create table task_items (
    id uuid primary key,
    task_id uuid not null,
    version_id uuid not null,
    step_id uuid not null,
    assignee_id uuid not null,
    assignee_name text not null,
    assignee_email text not null,
    -- The role it was assigned to; a transfer keeps it.
    role text not null,
    origin text not null check (origin in ('system', 'transferred', 'escalation', 'admin')),
    state text not null check (state in ('new', 'in_progress', 'resolved', 'reassigned', 'escalated', 'cancelled')),
    assigned_at timestamptz not null,
    -- Where the time to the target is counted from: a transfer or an escalation does not restart the clock.
    clock_start timestamptz not null,
    started_at timestamptz,
    acted_at timestamptz,
    acted_by uuid,
    due_at timestamptz,
    -- When it was found to be past its target; the assignee may still act.
    breached_at timestamptz,
    -- When the next level of its time is reached; absent: none is left to tell.
    next_alert_at timestamptz,
    transition_id uuid,
    notes text,
    prev_item_id uuid references task_items (id),
    foreign key (task_id, version_id) references tasks (id, version_id),
    foreign key (step_id, version_id) references steps (id, version_id),
    foreign key (transition_id, version_id) references transitions (id, version_id),
    check ((state in ('new', 'in_progress')) = (acted_at is null)),
    check (state in ('new', 'in_progress') or notes is not null),
    check (state <> 'in_progress' or started_at is not null)
);
create unique index task_items_open on task_items (task_id) where state in ('new', 'in_progress');
create index task_items_assignee on task_items (assignee_id, state, due_at);
create index task_items_task on task_items (task_id, assigned_at);
create index task_items_alert on task_items (next_alert_at) where state in ('new', 'in_progress') and next_alert_at is not null;

-- Ids are made in order of time.
create table task_item_events (
    id uuid primary key,
    item_id uuid not null references task_items (id),
    at timestamptz not null,
    from_state text,
    to_state text not null,
    -- Absent: the system.
    actor_id uuid,
    actor_name text not null,
    reason text
);
create index task_item_events_item on task_item_events (item_id, id);

-- Whose turn it was: pool is system, role and purpose. Written in the transaction that assigns.
create table rotation (
    pool_key text primary key,
    last_user_id uuid not null,
    last_at timestamptz not null
);

create table sla_alerts (
    item_id uuid not null references task_items (id),
    level integer not null check (level in (80, 90, 100)),
    fired_at timestamptz not null,
    primary key (item_id, level)
);

-- === the books ===

create table audit_log (
    id uuid primary key,
    at timestamptz not null,
    actor_id uuid,
    actor_name text not null,
    actor_ip text,
    user_agent text,
    action text not null,
    target_type text not null,
    target_id text not null,
    changes json not null,
    correlation_id text
);
create index audit_log_target on audit_log (target_type, target_id, at);
create index audit_log_actor on audit_log (actor_id, at);
create index audit_log_action on audit_log (action, at);

create table inbox (
    consumer text not null,
    message_id text not null,
    received_at timestamptz not null,
    primary key (consumer, message_id)
);
create index inbox_received_at on inbox (received_at);
