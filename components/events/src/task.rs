//! What the workflow services tell of tasks: the work on a ticket, one assignment after the other.

use serde::{Deserialize, Serialize};

use crate::Person;

/// Topic of [`TaskCreatedV1`]; the subject, and the group key, is the ticket's number.
pub const TASK_CREATED: &str = "task.created";

/// Topic of [`TaskAssignedV1`]; the subject, and the group key, is the ticket's number.
pub const TASK_ASSIGNED: &str = "task.assigned";

/// Topic of [`TaskStartedV1`]; the subject, and the group key, is the ticket's number.
pub const TASK_STARTED: &str = "task.started";

/// Topic of [`TaskStepChangedV1`]; the subject, and the group key, is the ticket's number.
pub const TASK_STEP_CHANGED: &str = "task.step_changed";

/// Topic of [`TaskEscalatedV1`]; the subject, and the group key, is the ticket's number.
pub const TASK_ESCALATED: &str = "task.escalated";

/// Topic of [`TaskTransferredV1`]; the subject, and the group key, is the ticket's number.
pub const TASK_TRANSFERRED: &str = "task.transferred";

/// Topic of [`TaskCompletedV1`]; the subject, and the group key, is the ticket's number.
pub const TASK_COMPLETED: &str = "task.completed";

/// Topic of [`TaskCancelledV1`]; the subject, and the group key, is the ticket's number.
pub const TASK_CANCELLED: &str = "task.cancelled";

/// Topic of [`TaskUnassignableV1`]; the subject, and the group key, is the ticket's number.
pub const TASK_UNASSIGNABLE: &str = "task.unassignable";

/// A task and the ticket it works on, as every message about it names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRef {
    /// The task's key.
    pub task_id: String,
    /// The ticket's key.
    pub ticket_id: String,
    /// The ticket's number.
    pub number: String,
    /// The ticket's headline.
    pub subject: String,
    /// Who submitted the ticket.
    pub requester: Person,
    /// The coordinator who follows the task.
    #[serde(default)]
    pub owner: Option<Person>,
}

/// A ticket found its workflow, and its task an owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCreatedV1 {
    /// 1.
    pub version: u32,
    /// Which task.
    pub task: TaskRef,
    /// Name of the workflow.
    pub workflow: String,
    /// When the task is due; absent without a target.
    #[serde(default)]
    pub due_at: Option<i64>,
    /// When.
    pub created_at: i64,
}

impl TaskCreatedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// Somebody is to work on a step. Sent for every assignment, also for those by escalation and transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskAssignedV1 {
    /// 1.
    pub version: u32,
    /// Which task.
    pub task: TaskRef,
    /// Key of the assignment.
    pub item_id: String,
    /// Name of the step.
    pub step: String,
    /// Role that the step asks for.
    pub role: String,
    /// Who is to act.
    pub assignee: Person,
    /// `System`, `Transferred`, `Escalation` or `Admin`.
    pub origin: String,
    /// When the assignment is due; absent without a target.
    #[serde(default)]
    pub due_at: Option<i64>,
    /// When.
    pub assigned_at: i64,
}

impl TaskAssignedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// An assignee began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStartedV1 {
    /// 1.
    pub version: u32,
    /// Which task.
    pub task: TaskRef,
    /// Key of the assignment.
    pub item_id: String,
    /// Name of the step.
    pub step: String,
    /// Who began.
    pub assignee: Person,
    /// When.
    pub started_at: i64,
}

impl TaskStartedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// A task moved along a transition to another step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStepChangedV1 {
    /// 1.
    pub version: u32,
    /// Which task.
    pub task: TaskRef,
    /// Name of the transition.
    pub transition: String,
    /// Name of the step before.
    pub from_step: String,
    /// Name of the step now.
    pub to_step: String,
    /// Who acted.
    pub moved_by: Person,
    /// When.
    pub moved_at: i64,
}

impl TaskStepChangedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// An assignee handed an assignment up to the role that the step names for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskEscalatedV1 {
    /// 1.
    pub version: u32,
    /// Which task.
    pub task: TaskRef,
    /// Key of the new assignment.
    pub item_id: String,
    /// Name of the step.
    pub step: String,
    /// Who handed it up.
    pub from: Person,
    /// Who is to act now.
    pub to: Person,
    /// Role it was assigned to.
    pub from_role: String,
    /// Role it is assigned to now.
    pub to_role: String,
    /// Who escalated: the assignee, or an administrator for them.
    pub escalated_by: Person,
    /// Why.
    pub reason: String,
    /// When.
    pub escalated_at: i64,
}

impl TaskEscalatedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// An administrator gave an assignment to somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskTransferredV1 {
    /// 1.
    pub version: u32,
    /// Which task.
    pub task: TaskRef,
    /// Key of the new assignment.
    pub item_id: String,
    /// Name of the step.
    pub step: String,
    /// Who had it.
    pub from: Person,
    /// Who is to act now.
    pub to: Person,
    /// The administrator.
    pub transferred_by: Person,
    /// Why.
    pub notes: String,
    /// When.
    pub transferred_at: i64,
}

impl TaskTransferredV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// The last step of a task is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCompletedV1 {
    /// 1.
    pub version: u32,
    /// Which task.
    pub task: TaskRef,
    /// Who did it.
    pub completed_by: Person,
    /// When the task was created.
    pub started_at: i64,
    /// When it was due; absent without a target.
    #[serde(default)]
    pub due_at: Option<i64>,
    /// When it was completed.
    pub completed_at: i64,
}

impl TaskCompletedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// A task ended because its ticket did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCancelledV1 {
    /// 1.
    pub version: u32,
    /// Which task.
    pub task: TaskRef,
    /// Who was to act.
    #[serde(default)]
    pub assignee: Option<Person>,
    /// Why.
    pub reason: String,
    /// When.
    pub cancelled_at: i64,
}

impl TaskCancelledV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// An approved ticket got no task; administrators are to see to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskUnassignableV1 {
    /// 1.
    pub version: u32,
    /// The ticket's key.
    pub ticket_id: String,
    /// The ticket's number.
    pub number: String,
    /// The ticket's headline.
    pub subject: String,
    /// `no_workflow` or `no_staff`.
    pub reason: String,
    /// In words, for example which role nobody holds.
    pub detail: String,
    /// When.
    pub noticed_at: i64,
}

impl TaskUnassignableV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}
