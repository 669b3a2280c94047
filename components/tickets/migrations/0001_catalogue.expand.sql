-- What can be asked for: departments, categories with their sub-categories, and the form of each category.
-- Keys are short codes that never change; names are what people read and may be edited.

create table departments (
    code text primary key,
    name text not null,
    sort integer not null,
    is_active boolean not null
);
create unique index departments_name on departments (lower(name));

create table categories (
    code text primary key,
    name text not null,
    form text not null check (form in ('it', 'asset_in', 'asset_out', 'budget', 'other')),
    default_department text references departments (code),
    sort integer not null,
    is_active boolean not null
);
create unique index categories_name on categories (lower(name));

create table subcategories (
    category_code text not null references categories (code),
    code text not null,
    name text not null,
    sort integer not null,
    is_active boolean not null,
    primary key (category_code, code)
);
create unique index subcategories_name on subcategories (category_code, lower(name));

create table form_fields (
    form text not null check (form in ('it', 'asset_in', 'asset_out', 'budget', 'other')),
    name text not null,
    label text not null,
    kind text not null check (kind in ('text', 'date', 'integer', 'decimal', 'choice', 'cost_items')),
    is_required boolean not null,
    max_length integer not null check (max_length > 0),
    choices json not null,
    sort integer not null,
    primary key (form, name)
);

insert into departments (code, name, sort, is_active) values
    ('it', 'IT Department', 1, true),
    ('asset', 'Asset Department', 2, true),
    ('budget', 'Budget Department', 3, true);

insert into categories (code, name, form, default_department, sort, is_active) values
    ('it-support', 'IT Support', 'it', 'it', 1, true),
    ('asset-check-in', 'Asset Check In', 'asset_in', 'asset', 2, true),
    ('asset-check-out', 'Asset Check Out', 'asset_out', 'asset', 3, true),
    ('new-budget-proposal', 'New Budget Proposal', 'budget', 'budget', 4, true),
    ('others', 'Others', 'other', null, 5, true);

insert into subcategories (category_code, code, name, sort, is_active) values
    ('it-support', 'technical-assistance', 'Technical Assistance', 1, true),
    ('it-support', 'software', 'Software Installation/Update', 2, true),
    ('it-support', 'hardware', 'Hardware Troubleshooting', 3, true),
    ('it-support', 'account-access', 'Email/Account Access Issue', 4, true),
    ('it-support', 'network', 'Internet/Network Connectivity Issue', 5, true),
    ('it-support', 'printer', 'Printer/Scanner Setup or Issue', 6, true),
    ('it-support', 'performance', 'System Performance Issue', 7, true),
    ('it-support', 'malware', 'Virus/Malware Check', 8, true),
    ('it-support', 'consultation', 'IT Consultation Request', 9, true),
    ('it-support', 'backup', 'Data Backup/Restore', 10, true),
    ('it-support', 'access-request', 'Access Request', 11, true),
    ('asset-check-in', 'check-in', 'Check In', 1, true),
    ('asset-check-out', 'check-out', 'Check Out', 1, true),
    ('new-budget-proposal', 'capex', 'Capital Expenses (CapEx)', 1, true),
    ('new-budget-proposal', 'opex', 'Operational Expenses (OpEx)', 2, true),
    ('new-budget-proposal', 'reimbursement', 'Reimbursement Claim (Liabilities)', 3, true),
    ('new-budget-proposal', 'charging', 'Charging Department (Cost Center)', 4, true),
    ('new-budget-proposal', 'budget-approval', 'Budget Approval', 5, true);

insert into form_fields (form, name, label, kind, is_required, max_length, choices, sort) values
    ('it', 'issue_type', 'Kind of issue', 'text', false, 100, '[]', 1),
    ('it', 'device_type', 'Device', 'choice', false, 40, '["Laptop","Desktop","Monitor","Printer","Phone","Tablet","Server","Other"]', 2),
    ('it', 'software_affected', 'Software affected', 'text', false, 150, '[]', 3),
    ('it', 'other_issue', 'Other issue', 'text', false, 1000, '[]', 4),
    ('asset_in', 'device_type', 'Device', 'choice', false, 40, '["Laptop","Desktop","Monitor","Printer","Phone","Tablet","Server","Other"]', 1),
    ('asset_in', 'asset_name', 'Asset', 'text', false, 150, '[]', 2),
    ('asset_in', 'serial_number', 'Serial number', 'text', false, 100, '[]', 3),
    ('asset_in', 'location', 'Location', 'text', false, 150, '[]', 4),
    ('asset_in', 'condition', 'Condition', 'text', false, 300, '[]', 5),
    ('asset_out', 'device_type', 'Device', 'choice', false, 40, '["Laptop","Desktop","Monitor","Printer","Phone","Tablet","Server","Other"]', 1),
    ('asset_out', 'asset_name', 'Asset', 'text', false, 150, '[]', 2),
    ('asset_out', 'serial_number', 'Serial number', 'text', false, 100, '[]', 3),
    ('asset_out', 'location', 'Location', 'text', false, 150, '[]', 4),
    ('asset_out', 'expected_return_date', 'Expected back on', 'date', false, 10, '[]', 5),
    ('budget', 'fiscal_year', 'Fiscal year', 'integer', false, 4, '[]', 1),
    ('budget', 'department_input', 'Department charged', 'text', false, 100, '[]', 2),
    ('budget', 'prepared_by', 'Prepared by', 'text', false, 150, '[]', 3),
    ('budget', 'performance_start_date', 'From', 'date', false, 10, '[]', 4),
    ('budget', 'performance_end_date', 'Until', 'date', false, 10, '[]', 5),
    ('budget', 'requested_budget', 'Amount requested', 'decimal', false, 16, '[]', 6),
    ('budget', 'cost_items', 'Cost items', 'cost_items', false, 100, '[]', 7);
