//! The messages that cross services: their topics and JSON bodies, and nothing else.
//!
//! A body carries its `version`. Within a version fields are only added, with a default, and readers pass over fields
//! they do not know; anything else is a new type beside the old one. Id, type, time, source and subject of a message
//! are CloudEvents attributes, not fields. Moments are microseconds since 1970-01-01T00:00:00Z; keys are UUIDs in
//! canonical form. Messages may arrive twice and in any order: guard by the CloudEvents id and by the moment.

mod comment;
mod sla;
mod task;
mod ticket;
mod user;

pub use comment::{COMMENT_CREATED, CommentCreatedV1};
pub use sla::{SLA_BREACHED, SLA_WARNING, SlaBreachedV1, SlaWarningV1};
pub use task::{
    TASK_ASSIGNED, TASK_CANCELLED, TASK_COMPLETED, TASK_CREATED, TASK_ESCALATED, TASK_STARTED, TASK_STEP_CHANGED,
    TASK_TRANSFERRED, TASK_UNASSIGNABLE, TaskAssignedV1, TaskCancelledV1, TaskCompletedV1, TaskCreatedV1,
    TaskEscalatedV1, TaskRef, TaskStartedV1, TaskStepChangedV1, TaskTransferredV1, TaskUnassignableV1,
};
pub use ticket::{
    TICKET_APPROVED, TICKET_CLOSED, TICKET_REJECTED, TICKET_REOPENED, TICKET_STATUS_CHANGED, TICKET_SUBMITTED,
    TICKET_WITHDRAWN, TicketApprovedV1, TicketClosedV1, TicketRejectedV1, TicketReopenedV1, TicketStatusChangedV1,
    TicketSubmittedV1, TicketWithdrawnV1,
};
pub use user::{Person, RoleHeld, USER_CHANGED, UserChangedV1};
