//! The work on a ticket: the task and its assignments, one after the other.

use uuid::Uuid;

use crate::ticket::Who;
use crate::workflow::{Step, Transition, Workflow};

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    /// Somebody is to begin.
    Pending,
    /// Somebody has begun.
    InProgress,
    /// Done.
    Completed,
    /// Ended with its ticket.
    Cancelled,
}

impl TaskState {
    /// The form in databases.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Where an assignment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// Not begun.
    New,
    /// Begun.
    InProgress,
    /// Done.
    Resolved,
    /// Given to somebody else.
    Reassigned,
    /// Handed up.
    Escalated,
    /// Ended with its ticket.
    Cancelled,
}

impl ItemState {
    /// The form in databases.
    pub const fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::InProgress => "in_progress",
            Self::Resolved => "resolved",
            Self::Reassigned => "reassigned",
            Self::Escalated => "escalated",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the assignee may still act.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::InProgress)
    }
}

/// How an assignment came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// By rotation.
    System,
    /// An administrator gave it.
    Transferred,
    /// Somebody handed it up.
    Escalation,
}

impl Origin {
    /// The form in databases.
    pub const fn code(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Transferred => "transferred",
            Self::Escalation => "escalation",
        }
    }
}

/// One person's turn at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The key in the database.
    pub key: Uuid,
    /// What is to be done.
    pub step: &'static Step,
    /// Whose turn it is.
    pub assignee: Who,
    /// The role it was assigned to.
    pub role: &'static str,
    /// How it came about.
    pub origin: Origin,
    /// Where it stands.
    pub state: ItemState,
    /// Since when.
    pub assigned_at: i64,
    /// Where the time to the target is counted from: neither a transfer nor an escalation restarts the clock.
    pub clock_start: i64,
    /// When the assignee began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub acted_at: Option<i64>,
    /// Who ended it; absent if the system did.
    pub acted_by: Option<Who>,
    /// Its target.
    pub due_at: i64,
    /// The way it went on.
    pub transition: Option<&'static Transition>,
    /// What was said at its end.
    pub notes: Option<String>,
}

/// A level of the time to a target that has been reached, in per cent, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// 80, 90 or 100.
    pub level: i64,
    /// When it was reached.
    pub at: i64,
}

/// The levels people are told of, in per cent.
const LEVELS: [i64; 3] = [80, 90, 100];

impl Item {
    /// Every level, with the moment it is or would be reached.
    fn levels(&self) -> impl Iterator<Item = Alert> {
        let (start, time) = (self.clock_start, self.due_at - self.clock_start);
        LEVELS.into_iter().map(move |level| Alert { level, at: start + time * level / 100 })
    }

    fn until(&self, now: i64) -> i64 {
        self.acted_at.unwrap_or(now)
    }

    /// The levels that were reached in this person's turn, until `now`.
    pub fn alerts(&self, now: i64) -> Vec<Alert> {
        let turn = self.assigned_at + 1..=self.until(now);
        self.levels().filter(|alert| turn.contains(&alert.at)).collect()
    }

    /// When it was found past its target.
    pub fn breached_at(&self, now: i64) -> Option<i64> {
        (self.until(now) >= self.due_at).then_some(self.due_at)
    }
}

/// The work on a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The key in the database.
    pub key: Uuid,
    /// How it goes from step to step.
    pub workflow: &'static Workflow,
    /// The coordinator who follows it.
    pub owner: Who,
    /// Where it stands.
    pub state: TaskState,
    /// When it began.
    pub started_at: i64,
    /// Its target.
    pub due_at: i64,
    /// When it was done.
    pub completed_at: Option<i64>,
    /// When it ended with its ticket.
    pub cancelled_at: Option<i64>,
    /// The assignments, the oldest first; never empty.
    pub items: Vec<Item>,
}

impl Task {
    /// The assignment that somebody is to act on.
    pub fn open_item(&self) -> Option<&Item> {
        self.items.last().filter(|item| item.state.is_open())
    }
}
