//! A task, and its items: one person's turn at one step each.

use uuid::Uuid;

use super::ticket::Person;

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    /// Nobody began yet.
    Pending,
    /// Somebody did.
    InProgress,
    /// The last step is done.
    Completed,
    /// It rests.
    OnHold,
    /// Its ticket ended before it did.
    Cancelled,
}

impl TaskState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Pending, Self::InProgress, Self::Completed, Self::OnHold, Self::Cancelled];

    /// The form in answers and the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::OnHold => "on_hold",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state with this code.
    pub fn read(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether there is work left.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress | Self::OnHold)
    }
}

/// Where an item stands. A missed target is not a state: the work goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// Assigned, not begun.
    New,
    /// Begun.
    InProgress,
    /// Acted upon.
    Resolved,
    /// Given to somebody else by an administrator.
    Reassigned,
    /// Handed up.
    Escalated,
    /// Ended with the task.
    Cancelled,
}

impl ItemState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::New, Self::InProgress, Self::Resolved, Self::Reassigned, Self::Escalated, Self::Cancelled];

    /// The form in answers and the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::InProgress => "in_progress",
            Self::Resolved => "resolved",
            Self::Reassigned => "reassigned",
            Self::Escalated => "escalated",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state with this code.
    pub fn read(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether its holder may still act.
    pub fn is_open(self) -> bool {
        matches!(self, Self::New | Self::InProgress)
    }
}

/// How somebody came to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was their turn.
    System,
    /// An administrator gave it to them.
    Transferred,
    /// It was handed up to them.
    Escalation,
    /// An administrator made the task.
    Admin,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 4] = [Self::System, Self::Transferred, Self::Escalation, Self::Admin];

    /// The form in messages and answers.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Transferred => "Transferred",
            Self::Escalation => "Escalation",
            Self::Admin => "Admin",
        }
    }

    /// The form stored in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Transferred => "transferred",
            Self::Escalation => "escalation",
            Self::Admin => "admin",
        }
    }

    /// The origin with this code.
    pub fn read(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.code() == code)
    }
}

/// The work on a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its key.
    pub id: Uuid,
    /// The step that it stands at; kept when it ends.
    pub current_step: Option<Uuid>,
    /// The coordinator who follows it.
    pub owner: Option<Person>,
    /// Where it stands.
    pub state: TaskState,
    /// When it was created.
    pub started_at: i64,
    /// When it is due; absent without a target.
    pub due_at: Option<i64>,
    /// When its last step was done.
    pub completed_at: Option<i64>,
    /// When it ended without being done.
    pub cancelled_at: Option<i64>,
    /// When it was found to be past its target.
    pub breached_at: Option<i64>,
    /// When it last changed.
    pub updated_at: i64,
    /// Counts the changes, from 1.
    pub row_version: i64,
}

/// One person's turn at one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its key.
    pub id: Uuid,
    /// The step.
    pub step: Uuid,
    /// Who is, or was, to act.
    pub assignee: Person,
    /// The role that it was assigned to; a transfer keeps it.
    pub role: String,
    /// How they came to it.
    pub origin: Origin,
    /// Where it stands.
    pub state: ItemState,
    /// When they got it.
    pub assigned_at: i64,
    /// Where the time to the target is counted from: a transfer or an escalation does not restart the clock.
    pub clock_start: i64,
    /// When they began.
    pub started_at: Option<i64>,
    /// When it was over for them.
    pub acted_at: Option<i64>,
    /// Who ended it; absent if the system did.
    pub acted_by: Option<Uuid>,
    /// When it is due; absent without a target.
    pub due_at: Option<i64>,
    /// When it was found to be past its target. Not later than `assigned_at`: while somebody before them had it.
    pub breached_at: Option<i64>,
    /// When the next level of its time is reached; absent if none is left to tell.
    pub next_alert_at: Option<i64>,
    /// The transition that they chose; absent also for a finish.
    pub transition: Option<Uuid>,
    /// What they, or who ended it, said.
    pub notes: Option<String>,
    /// The item that this one took over from.
    pub previous: Option<Uuid>,
}
