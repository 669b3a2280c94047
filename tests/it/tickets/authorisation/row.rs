//! A line of the table: an operation, and what each caller gets there.

/// Who asks, in the order of a row's statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Caller {
    /// Nobody is signed in.
    Anonymous,
    /// Submitted the ticket.
    Requester,
    /// Another employee.
    Colleague,
    /// Approved the ticket.
    Coordinator,
    /// Holds the task.
    Assignee,
    /// Holds another role of the tracking system, and never this task.
    Agent,
    /// Administers the tracking system.
    Admin,
    /// Administers everything.
    Superuser,
    /// Was signed in when an administrator switched the account off; ten minutes later.
    Disabled,
}

pub(in super::super) const CALLERS: [Caller; 9] = [
    Caller::Anonymous,
    Caller::Requester,
    Caller::Colleague,
    Caller::Coordinator,
    Caller::Assignee,
    Caller::Agent,
    Caller::Admin,
    Caller::Superuser,
    Caller::Disabled,
];

/// What an operation is about; its parameters are filled in from it, and from a new one for each question that changes
/// something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Thing {
    /// Nothing in particular.
    None,
    /// A ticket that waits for approval; `{id}` is its file.
    New,
    /// A ticket whose task is assigned; `{id}` is the task, `<item>` the assignment.
    Task,
    /// The same; `{id}` is the assignment.
    Item,
    /// A ticket that is resolved.
    Resolved,
    /// A ticket that is closed.
    Closed,
    /// A public comment of the requester on an assigned ticket; `{id}`.
    Comment,
    /// Its file.
    Document,
    /// An internal comment of the coordinator; `{id}`.
    Internal,
    /// An entry in the requester's inbox.
    Entry,
    /// A published workflow; `{id}`.
    Workflow,
    /// A draft of a workflow; `{id}`.
    Draft,
    /// A workflow that is paused; `{id}`.
    Paused,
    /// An employee who waits to be let in; `{id}`.
    Newcomer,
    /// An agent; `{id}`.
    Staff,
    /// The role of an agent; `{id}` is the assignment of it.
    Assignment,
}

/// What a request takes with it. Words in angle brackets are filled in like the parameters of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Body {
    /// Nothing.
    Empty,
    /// This JSON document.
    Json(&'static str),
    /// A form with these fields and a file.
    Form(&'static [(&'static str, &'static str)]),
    /// Nothing; the answer is a stream without an end.
    Stream,
}

/// An operation: method, path as the sources write it, what is added to the path (a query), what it is about, what it
/// takes, and the status for each of [`CALLERS`].
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Row {
    pub(in super::super) method: &'static str,
    pub(in super::super) path: &'static str,
    pub(super) query: &'static str,
    pub(super) thing: Thing,
    pub(super) body: Body,
    pub(in super::super) statuses: [u16; CALLERS.len()],
}

/// A row, with its method and path in one text.
pub(super) const fn row(
    method: &'static str,
    path: &'static str,
    thing: Thing,
    body: Body,
    statuses: [u16; CALLERS.len()],
) -> Row {
    Row { method, path, query: "", thing, body, statuses }
}

impl Row {
    /// The same, asked with a query.
    pub(super) const fn with(self, query: &'static str) -> Self {
        Self { query, ..self }
    }
}

/// Everybody who is signed in, all alike.
pub(super) const fn signed_in(status: u16) -> [u16; CALLERS.len()] {
    [401, status, status, status, status, status, status, status, 401]
}

/// The same for everybody, signed in or not.
pub(super) const fn anybody(status: u16) -> [u16; CALLERS.len()] {
    [status; CALLERS.len()]
}
