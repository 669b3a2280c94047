//! A ticket as it stands at a moment, with everything that led there. Moments are microseconds since 1970, UTC.

use uuid::Uuid;

use crate::comment::Comment;
use crate::person::Person;
use crate::task::Task;

/// Somebody of the demo, who is there for good.
pub type Who = &'static Person;

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nobody has looked at it.
    New,
    /// Put off for want of information.
    Pending,
    /// Approved; nobody has begun.
    Open,
    /// Somebody works on it.
    InProgress,
    /// Work rests.
    OnHold,
    /// Done; the requester may close it.
    Resolved,
    /// Refused.
    Rejected,
    /// Taken back.
    Withdrawn,
    /// Over.
    Closed,
}

impl Status {
    /// The form in databases.
    pub const fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Pending => "pending",
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::OnHold => "on_hold",
            Self::Resolved => "resolved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
        }
    }
}

/// How urgent a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Work stands still.
    Critical,
    /// Work is hindered.
    High,
    /// The ordinary case.
    Medium,
    /// Whenever there is time.
    Low,
}

impl Priority {
    /// The form for people and in messages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Critical => "Critical",
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
        }
    }
}

/// What a ticket asks for: names of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Category {
    /// Its name.
    pub name: &'static str,
    /// The sub-category's name.
    pub sub: Option<&'static str>,
}

/// What a line of the log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Submitted.
    Created,
    /// Approved by a coordinator.
    Approved,
    /// Refused by a coordinator.
    Rejected,
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
    /// Rated by the requester.
    Rated,
}

/// A line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub kind: EntryKind,
    /// When.
    pub at: i64,
    /// By whom; absent for the system.
    pub actor: Option<Who>,
    /// Where the ticket stood before.
    pub from: Option<Status>,
    /// Where it stood then.
    pub to: Status,
    /// A remark.
    pub note: Option<&'static str>,
    /// To whom it was assigned, and the name of the step.
    pub assigned: Option<(Who, &'static str)>,
    /// Whether the requester does not get to see it.
    pub is_internal: bool,
}

/// A coordinator let it through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    /// When.
    pub at: i64,
    /// Who.
    pub by: Who,
    /// A remark among staff.
    pub notes: Option<&'static str>,
    /// How urgent it is.
    pub priority: Priority,
    /// Name of the department that works on it.
    pub department: &'static str,
}

/// A decision that had to be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// When.
    pub at: i64,
    /// Who.
    pub by: Who,
    /// Why.
    pub text: &'static str,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// When.
    pub at: i64,
    /// Who; absent for the clock.
    pub by: Option<Who>,
}

/// How content the requester was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rating {
    /// When.
    pub at: i64,
    /// 1 to 5.
    pub stars: u8,
    /// A remark.
    pub feedback: Option<&'static str>,
}

/// A file that came with a ticket; its content is [`crate::picture()`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// The key in the database.
    pub key: Uuid,
    /// Its name.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
}

/// A ticket with everything that happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The key in every room.
    pub key: Uuid,
    /// Its number.
    pub number: String,
    /// Who asks.
    pub requester: Who,
    /// The headline.
    pub subject: &'static str,
    /// What it is about.
    pub description: &'static str,
    /// What it asks for.
    pub category: Category,
    /// Answers to the category's form, as one JSON object.
    pub details: &'static str,
    /// When it was submitted.
    pub submitted_at: i64,
    /// Where it stands.
    pub status: Status,
    /// Its approval.
    pub approval: Option<Approval>,
    /// Its rejection.
    pub rejection: Option<Reason>,
    /// Its withdrawal.
    pub withdrawal: Option<Reason>,
    /// When the work was done.
    pub resolved_at: Option<i64>,
    /// Its end.
    pub closing: Option<Closing>,
    /// What the requester thought of it.
    pub rating: Option<Rating>,
    /// The log, the oldest line first.
    pub log: Vec<Entry>,
    /// The work on it; absent before its approval and where no workflow takes it.
    pub task: Option<Task>,
    /// What people said, the oldest first.
    pub comments: Vec<Comment>,
    /// The file that came with it.
    pub file: Option<File>,
}

impl Ticket {
    /// The UTC day of its submission, `yyyymmdd`; the number carries it.
    pub fn day(&self) -> &str {
        self.number.get(2..10).unwrap_or_default()
    }

    /// Its place among the tickets of its day, from 1; the number ends with it.
    pub fn sequence(&self) -> i64 {
        self.number.get(10..).and_then(|digits| digits.parse().ok()).unwrap_or_default()
    }

    /// When somebody else than the requester first acted on it.
    pub fn first_response_at(&self) -> Option<i64> {
        let by_staff = |entry: &&Entry| entry.actor.is_some_and(|who| who != self.requester);
        self.log.iter().find(by_staff).map(|entry| entry.at)
    }
}
