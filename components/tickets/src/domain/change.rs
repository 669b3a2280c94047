//! The state machine: which command takes a ticket where, by whom, and what it leaves in the log.

#[cfg(test)]
mod tests;

use super::access::Actor;
use super::status::{Priority, Status};
use super::ticket::{Approval, CloseKind, Closing, Person, Rating, Reason, Ticket};

/// How long after its resolution a ticket may be reopened, and when it closes by itself: 72 hours, in microseconds.
pub const REOPEN_WINDOW_US: i64 = 72 * 3_600 * 1_000_000;

/// The longest remark, reason or feedback, in characters.
const REMARK_MAX: usize = 2_000;
/// The longest feedback beside a rating, in characters.
const FEEDBACK_MAX: usize = 255;

/// What somebody, or the system, wants to happen to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A coordinator lets it through.
    Approve {
        /// How urgent it is.
        priority: Priority,
        /// Code of the department that works on it.
        department: String,
        /// A remark among staff.
        notes: Option<String>,
    },
    /// A coordinator refuses it.
    Reject {
        /// Why; must not be blank.
        reason: String,
    },
    /// A coordinator puts it off for want of information.
    Defer {
        /// What is missing; must not be blank.
        note: String,
    },
    /// A coordinator takes the work.
    Claim {
        /// A remark.
        note: Option<String>,
    },
    /// The workflow saw an agent act for the first time.
    Start,
    /// A coordinator lets the work rest.
    Hold {
        /// Why; must not be blank.
        note: String,
    },
    /// A coordinator lets the work go on, or a workflow went on regardless.
    Resume {
        /// A remark.
        note: Option<String>,
    },
    /// The workflow is through.
    Resolve,
    /// The requester or a coordinator is content.
    Close {
        /// A remark.
        note: Option<String>,
    },
    /// The window after the resolution has passed.
    AutoClose,
    /// The requester is not content.
    Reopen {
        /// Why; must not be blank.
        reason: String,
    },
    /// The requester takes it back.
    Withdraw {
        /// Why; must not be blank.
        reason: String,
    },
    /// The requester judges the work, once.
    Rate {
        /// 1 to 5.
        stars: u8,
        /// At most 255 characters.
        feedback: Option<String>,
    },
}

/// On whose behalf a command comes.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// A person with a session.
    Person(&'a Actor),
    /// The workflow or the clock.
    System,
}

/// Why a command is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is not theirs to decide.
    Forbidden,
    /// The ticket does not stand where the command could take it on.
    State {
        /// Where it stands.
        from: Status,
    },
    /// The time for it is over, or has not come.
    Time {
        /// Which, for people.
        message: &'static str,
    },
    /// A field of the command is not as it must be.
    Invalid {
        /// Its name in requests.
        field: &'static str,
        /// What it must be, for people.
        message: String,
    },
}

/// What kind of line the log gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Submitted.
    Created,
    /// Approved by a coordinator.
    Approved,
    /// Refused by a coordinator.
    Rejected,
    /// Taken by a coordinator.
    Claimed,
    /// Given to somebody by the workflow.
    Assigned,
    /// Any other change of status.
    Status,
    /// Taken back.
    Withdrawn,
    /// Closed by a person.
    Closed,
    /// Closed by the clock.
    AutoClosed,
    /// Open again.
    Reopened,
    /// Rated by the requester.
    Rated,
    /// A file was added.
    Attachment,
    /// Its words were changed.
    Edited,
}

impl EntryKind {
    /// The form stored in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Claimed => "claimed",
            Self::Assigned => "assigned",
            Self::Status => "status",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
            Self::AutoClosed => "auto_closed",
            Self::Reopened => "reopened",
            Self::Rated => "rated",
            Self::Attachment => "attachment",
            Self::Edited => "edited",
        }
    }
}

/// One line of a ticket's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub kind: EntryKind,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// By whom; absent for the system.
    pub actor: Option<Person>,
    /// Where the ticket stood before; absent at its creation.
    pub from: Option<Status>,
    /// Where it stands now.
    pub to: Option<Status>,
    /// A remark, where one was made.
    pub note: Option<String>,
    /// Whether the requester does not get to see it.
    pub is_internal: bool,
}

/// What a command leads to: the ticket as it is then, and its line in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The ticket after the change, with the next `row_version`.
    pub ticket: Ticket,
    /// The log line.
    pub entry: Entry,
}

/// Decides what becomes of a ticket. `now` in microseconds since 1970.
///
/// # Errors
/// A [`Refusal`]: first the right, then the fields, then the state, then the time.
pub fn decide(ticket: &Ticket, command: Command, by: By<'_>, now: i64) -> Result<Change, Refusal> {
    if !permitted(&command, by, ticket) {
        return Err(Refusal::Forbidden);
    }
    let (note, is_internal) = remark(&command)?;
    let Some((to, kind)) = course(&command, ticket.status) else {
        return Err(Refusal::State { from: ticket.status });
    };
    in_time(&command, ticket, now)?;
    let mut after = ticket.clone();
    after.status = to;
    after.updated_at = now;
    after.row_version += 1;
    let actor = person(by);
    if matches!(by, By::Person(who) if !who.is_requester(ticket)) && after.first_response_at.is_none() {
        after.first_response_at = Some(now);
    }
    apply(&mut after, command, actor.as_ref(), note.as_deref(), now);
    let entry = Entry { kind, at: now, actor, from: Some(ticket.status), to: Some(to), note, is_internal };
    Ok(Change { ticket: after, entry })
}

/// The "by" column of the table of transitions.
fn permitted(command: &Command, by: By<'_>, ticket: &Ticket) -> bool {
    match (command, by) {
        (Command::Start | Command::Resolve | Command::AutoClose, by) => matches!(by, By::System),
        (Command::Resume { .. }, By::System) => true,
        (_, By::System) => false,
        (
            Command::Approve { .. }
            | Command::Reject { .. }
            | Command::Defer { .. }
            | Command::Claim { .. }
            | Command::Hold { .. }
            | Command::Resume { .. },
            By::Person(who),
        ) => who.may_coordinate(),
        (Command::Close { .. }, By::Person(who)) => who.is_requester(ticket) || who.may_coordinate(),
        (Command::Reopen { .. } | Command::Withdraw { .. } | Command::Rate { .. }, By::Person(who)) => {
            who.is_requester(ticket)
        }
    }
}

/// The "from" and "to" columns; nothing where the table has no line.
fn course(command: &Command, from: Status) -> Option<(Status, EntryKind)> {
    use Status::{Closed, InProgress, New, OnHold, Open, Pending, Rejected, Resolved, Withdrawn};
    match (command, from) {
        (Command::Approve { .. }, New | Pending) => Some((Open, EntryKind::Approved)),
        (Command::Reject { .. }, New) => Some((Rejected, EntryKind::Rejected)),
        (Command::Defer { .. }, New) => Some((Pending, EntryKind::Status)),
        (Command::Claim { .. }, Open) => Some((InProgress, EntryKind::Claimed)),
        (Command::Start, Open) => Some((InProgress, EntryKind::Status)),
        (Command::Hold { .. }, Open | InProgress) => Some((OnHold, EntryKind::Status)),
        (Command::Resume { .. }, OnHold) => Some((InProgress, EntryKind::Status)),
        (Command::Resolve, InProgress) => Some((Resolved, EntryKind::Status)),
        (Command::Close { .. }, Resolved) => Some((Closed, EntryKind::Closed)),
        (Command::AutoClose, Resolved) => Some((Closed, EntryKind::AutoClosed)),
        (Command::Reopen { .. }, Resolved) => Some((Open, EntryKind::Reopened)),
        (Command::Withdraw { .. }, New | Open | InProgress | OnHold | Pending | Rejected) => {
            Some((Withdrawn, EntryKind::Withdrawn))
        }
        (Command::Rate { .. }, Closed) => Some((Closed, EntryKind::Rated)),
        _ => None,
    }
}

fn in_time(command: &Command, ticket: &Ticket, now: i64) -> Result<(), Refusal> {
    let window_over = ticket.resolved_at.is_none_or(|at| now - at >= REOPEN_WINDOW_US);
    match command {
        Command::Reopen { .. } if window_over => Err(Refusal::Time { message: "the 72 hours to reopen it are over" }),
        Command::AutoClose if !window_over => Err(Refusal::Time { message: "the 72 hours to reopen it are not over" }),
        Command::Rate { .. } if ticket.rating.is_some() => Err(Refusal::Time { message: "it is rated already" }),
        _ => Ok(()),
    }
}

/// The log's remark, and whether it stays among staff.
fn remark(command: &Command) -> Result<(Option<String>, bool), Refusal> {
    match command {
        Command::Approve { notes, .. } => Ok((optional("approval_notes", notes.as_deref(), REMARK_MAX)?, true)),
        Command::Reject { reason } => Ok((Some(required("rejection_reason", reason)?), false)),
        Command::Defer { note } | Command::Hold { note } => Ok((Some(required("comment", note)?), false)),
        Command::Reopen { reason } | Command::Withdraw { reason } => Ok((Some(required("reason", reason)?), false)),
        Command::Claim { note } | Command::Resume { note } | Command::Close { note } => {
            Ok((optional("comment", note.as_deref(), REMARK_MAX)?, false))
        }
        Command::Rate { stars, .. } if !(1..=5).contains(stars) => {
            Err(Refusal::Invalid { field: "rating", message: "must be 1 to 5".to_owned() })
        }
        Command::Rate { feedback, .. } => Ok((optional("feedback", feedback.as_deref(), FEEDBACK_MAX)?, false)),
        Command::Start | Command::Resolve | Command::AutoClose => Ok((None, false)),
    }
}

fn required(field: &'static str, text: &str) -> Result<String, Refusal> {
    optional(field, Some(text), REMARK_MAX)?
        .ok_or_else(|| Refusal::Invalid { field, message: "must not be empty".to_owned() })
}

fn optional(field: &'static str, text: Option<&str>, max: usize) -> Result<Option<String>, Refusal> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().count() > max) {
        return Err(Refusal::Invalid { field, message: format!("must have at most {max} characters") });
    }
    if text.is_some_and(|text| text.contains('\0')) {
        return Err(Refusal::Invalid { field, message: "must not have a null character".to_owned() });
    }
    Ok(text.map(str::to_owned))
}

fn person(by: By<'_>) -> Option<Person> {
    match by {
        By::Person(who) => Some(who.person()),
        By::System => None,
    }
}

/// The effects besides the status.
fn apply(ticket: &mut Ticket, command: Command, actor: Option<&Person>, note: Option<&str>, now: i64) {
    let by = actor.map_or_else(String::new, |who| who.id.clone());
    let reason = || Reason { at: now, by, text: note.unwrap_or_default().to_owned() };
    match command {
        Command::Approve { priority, department, .. } => {
            ticket.priority = Some(priority);
            ticket.department = Some(department);
            ticket.approval = actor.map(|who| Approval { at: now, by: who.clone(), notes: note.map(str::to_owned) });
        }
        Command::Reject { .. } => ticket.rejection = Some(reason()),
        Command::Withdraw { .. } => ticket.withdrawal = Some(reason()),
        Command::Claim { .. } => {
            ticket.assignee_name = actor.map(|who| who.full_name.clone());
            ticket.assigned_at = Some(now);
        }
        Command::Resolve => ticket.resolved_at = Some(now),
        Command::Reopen { .. } => {
            ticket.resolved_at = None;
            ticket.reopened_at = Some(now);
            ticket.assignee_name = None;
            ticket.assigned_at = Some(now);
        }
        Command::Close { .. } => {
            let own = actor.is_some_and(|who| who.id == ticket.requester.id);
            let kind = if own { CloseKind::Requester } else { CloseKind::Staff };
            ticket.closing = Some(Closing { at: now, kind });
        }
        Command::AutoClose => ticket.closing = Some(Closing { at: now, kind: CloseKind::Auto }),
        Command::Rate { stars, .. } => {
            ticket.rating = Some(Rating { stars, feedback: note.map(str::to_owned), at: now });
        }
        Command::Defer { .. } | Command::Start | Command::Hold { .. } | Command::Resume { .. } => {}
    }
}
