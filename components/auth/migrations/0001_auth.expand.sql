-- People, their roles and their sessions. Keys are UUIDv7 made by the service; e-mail addresses are stored in lower case.

create table departments (
    id uuid primary key,
    code text not null unique,
    name text not null unique,
    is_active boolean not null
);

create table users (
    id uuid primary key,
    email text not null unique check (length(email) between 3 and 254 and email = lower(email)),
    username text not null check (length(username) between 1 and 150),
    password_hash text,
    user_type text not null check (user_type in ('staff', 'employee')),
    first_name text not null check (length(first_name) between 1 and 100),
    middle_name text check (length(middle_name) <= 100),
    last_name text not null check (length(last_name) between 1 and 100),
    suffix text check (suffix in ('Jr.', 'Sr.', 'II', 'III', 'IV', 'V')),
    phone text unique check (length(phone) <= 20),
    company_no bigint not null unique check (company_no between 1 and 999999),
    department_id uuid references departments (id),
    approval text not null check (approval in ('pending', 'approved', 'rejected')),
    approval_by uuid,
    approval_at timestamptz,
    approval_reason text,
    is_active boolean not null,
    is_superuser boolean not null,
    otp_enabled boolean not null,
    password_changed_at timestamptz,
    last_login_at timestamptz,
    token_epoch bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    row_version bigint not null
);
create unique index users_username on users (lower(username));
create index users_approval on users (approval);
create index users_department on users (department_id);

-- Failed sign-ins of people, apart from `users` so that failures do not rewrite it.
create table login_guard (
    user_id uuid primary key references users (id) on delete cascade,
    failed_count bigint not null check (failed_count >= 0),
    last_failed_at timestamptz,
    locked_until timestamptz
);

-- Failed sign-ins by address of the caller, and by e-mail address where nobody has it. Keys are SHA-256, so that the
-- table names nobody.
create table throttle (
    scope text not null check (scope in ('ip', 'email')),
    key_hash bytea not null,
    failed_count bigint not null check (failed_count >= 0),
    last_failed_at timestamptz,
    locked_until timestamptz,
    primary key (scope, key_hash)
);
create index throttle_last_failed_at on throttle (last_failed_at);

create table systems (
    id uuid primary key,
    slug text not null unique,
    name text not null
);

create table roles (
    id uuid primary key,
    system_id uuid not null references systems (id),
    name text not null check (length(name) between 1 and 150),
    description text not null,
    is_builtin boolean not null
);
create unique index roles_name on roles (system_id, lower(name));

create table role_assignments (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    role_id uuid not null references roles (id),
    is_active boolean not null,
    assigned_by uuid,
    assigned_at timestamptz not null,
    revoked_at timestamptz,
    settings json not null,
    unique (user_id, role_id)
);
create index role_assignments_active on role_assignments (role_id) where is_active;

-- One row per refresh token ever handed out and not yet expired. A family is the chain of one sign-in.
create table refresh_tokens (
    id uuid primary key,
    family_id uuid not null,
    family_started_at timestamptz not null,
    user_id uuid not null references users (id) on delete cascade,
    token_hash bytea not null unique,
    epoch bigint not null,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    rotated_to uuid,
    revoked_at timestamptz,
    reason text check (reason in ('logout', 'reuse', 'ended')),
    ip text,
    user_agent text
);
create index refresh_tokens_user on refresh_tokens (user_id) where revoked_at is null;
create index refresh_tokens_family on refresh_tokens (family_id);
create index refresh_tokens_expires on refresh_tokens (expires_at);

create table login_events (
    id uuid primary key,
    at timestamptz not null,
    user_id uuid,
    email text not null,
    outcome text not null check (outcome in ('ok', 'bad_password', 'locked', 'otp_required', 'pending', 'rejected', 'rate_limited')),
    ip text,
    user_agent text
);
create index login_events_user on login_events (user_id, at);
create index login_events_email on login_events (email, at);

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

create table inbox (
    consumer text not null,
    message_id text not null,
    received_at timestamptz not null,
    primary key (consumer, message_id)
);
create index inbox_received_at on inbox (received_at);
