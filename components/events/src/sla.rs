//! What the workflow services tell of target times.

use serde::{Deserialize, Serialize};

use crate::{Person, TaskRef};

/// Topic of [`SlaWarningV1`]; the subject, and the group key, is the ticket's number.
pub const SLA_WARNING: &str = "sla.warning";

/// Topic of [`SlaBreachedV1`]; the subject, and the group key, is the ticket's number.
pub const SLA_BREACHED: &str = "sla.breached";

/// An assignment has used most of its time. Sent once for each level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaWarningV1 {
    /// 1.
    pub version: u32,
    /// Which task.
    pub task: TaskRef,
    /// Key of the assignment.
    pub item_id: String,
    /// Name of the step.
    pub step: String,
    /// Who is to act.
    pub assignee: Person,
    /// Per cent of the time that have passed: 80 (tell the assignee) or 90 (tell the owner too).
    pub level: u32,
    /// When it is due.
    pub due_at: i64,
    /// When this was noticed.
    pub noticed_at: i64,
}

impl SlaWarningV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// An assignment is past its target time. Sent once; the assignee may still act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaBreachedV1 {
    /// 1.
    pub version: u32,
    /// Which task.
    pub task: TaskRef,
    /// Key of the assignment.
    pub item_id: String,
    /// Name of the step.
    pub step: String,
    /// Who is to act.
    pub assignee: Person,
    /// When it was due.
    pub due_at: i64,
    /// When this was noticed.
    pub noticed_at: i64,
}

impl SlaBreachedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}
