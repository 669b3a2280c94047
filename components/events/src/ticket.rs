//! What the `tickets` service tells of tickets.

use serde::{Deserialize, Serialize};

use crate::Person;

/// Topic of [`TicketSubmittedV1`]; the subject is the ticket's number.
pub const TICKET_SUBMITTED: &str = "ticket.submitted";

/// Topic of [`TicketApprovedV1`]; the subject is the ticket's number.
pub const TICKET_APPROVED: &str = "ticket.approved";

/// Topic of [`TicketRejectedV1`].
pub const TICKET_REJECTED: &str = "ticket.rejected";

/// Topic of [`TicketWithdrawnV1`].
pub const TICKET_WITHDRAWN: &str = "ticket.withdrawn";

/// Topic of [`TicketReopenedV1`].
pub const TICKET_REOPENED: &str = "ticket.reopened";

/// Topic of [`TicketStatusChangedV1`].
pub const TICKET_STATUS_CHANGED: &str = "ticket.status_changed";

/// Topic of [`TicketClosedV1`].
pub const TICKET_CLOSED: &str = "ticket.closed";

/// Somebody submitted a ticket; coordinators are to look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketSubmittedV1 {
    /// 1.
    pub version: u32,
    /// The ticket's key.
    pub ticket_id: String,
    /// The ticket's number, for example `TX20260309000001`.
    pub number: String,
    /// Its headline.
    pub subject: String,
    /// Name of the category.
    pub category: String,
    /// Name of the sub-category.
    #[serde(default)]
    pub sub_category: Option<String>,
    /// Who submitted it.
    pub requester: Person,
    /// When.
    pub submitted_at: i64,
}

impl TicketSubmittedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// A coordinator opened a ticket for work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketApprovedV1 {
    /// 1.
    pub version: u32,
    /// The ticket's key.
    pub ticket_id: String,
    /// The ticket's number.
    pub number: String,
    /// Its headline.
    pub subject: String,
    /// What it is about.
    pub description: String,
    /// Name of the category.
    pub category: String,
    /// Name of the sub-category.
    #[serde(default)]
    pub sub_category: Option<String>,
    /// `Critical`, `High`, `Medium` or `Low`.
    pub priority: String,
    /// Name of the department that works on it.
    pub department: String,
    /// Who submitted it.
    pub requester: Person,
    /// Who approved it.
    pub approver: Person,
    /// When it was submitted.
    pub submitted_at: i64,
    /// When it was approved.
    pub approved_at: i64,
}

impl TicketApprovedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// A coordinator declined a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRejectedV1 {
    /// 1.
    pub version: u32,
    /// The ticket's key.
    pub ticket_id: String,
    /// The ticket's number.
    pub number: String,
    /// Its headline.
    pub subject: String,
    /// Who submitted it.
    pub requester: Person,
    /// Who declined it.
    pub rejected_by: Person,
    /// Why.
    pub reason: String,
    /// When.
    pub rejected_at: i64,
}

impl TicketRejectedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// The requester took a ticket back; its task, if any, ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketWithdrawnV1 {
    /// 1.
    pub version: u32,
    /// The ticket's key.
    pub ticket_id: String,
    /// The ticket's number.
    pub number: String,
    /// Its headline.
    pub subject: String,
    /// Who submitted it.
    pub requester: Person,
    /// Why.
    pub reason: String,
    /// When.
    pub withdrawn_at: i64,
}

impl TicketWithdrawnV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// A resolved ticket is wanted again within the window: a workflow begins anew, with a new task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketReopenedV1 {
    /// 1.
    pub version: u32,
    /// The ticket as it was approved; its `approved_at` is that of the first approval.
    pub ticket: TicketApprovedV1,
    /// Why.
    pub reason: String,
    /// When.
    pub reopened_at: i64,
}

impl TicketReopenedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// A ticket stands elsewhere for another reason than those with a message of their own: work began, it is on hold or
/// deferred, goes on, or is resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketStatusChangedV1 {
    /// 1.
    pub version: u32,
    /// The ticket's key.
    pub ticket_id: String,
    /// The ticket's number.
    pub number: String,
    /// Its headline.
    pub subject: String,
    /// Who submitted it.
    pub requester: Person,
    /// Status before, for example `Open`.
    pub from: String,
    /// Status now, for example `In Progress`.
    pub to: String,
    /// Who changed it; absent where a task did.
    #[serde(default)]
    pub changed_by: Option<Person>,
    /// When.
    pub changed_at: i64,
}

impl TicketStatusChangedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

/// A resolved ticket was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketClosedV1 {
    /// 1.
    pub version: u32,
    /// The ticket's key.
    pub ticket_id: String,
    /// The ticket's number.
    pub number: String,
    /// Its headline.
    pub subject: String,
    /// Who submitted it.
    pub requester: Person,
    /// `requester`, `staff` or `auto` (72 hours after it was resolved).
    pub kind: String,
    /// Who closed it; absent for `auto`.
    #[serde(default)]
    pub closed_by: Option<Person>,
    /// When.
    pub closed_at: i64,
}

impl TicketClosedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_with_fields_of_tomorrow_and_without_optional_ones_is_read() {
        let body = json!({
            "version": 1, "ticket_id": "t", "number": "TX20260309000001", "subject": "s", "category": "c",
            "requester": { "id": "u", "name": "Ada", "email": "ada@example.org", "nickname": "A" },
            "submitted_at": 5, "colour": "blue",
        });
        let event: TicketSubmittedV1 = serde_json::from_value(body).unwrap();
        assert_eq!((event.sub_category, event.requester.name.as_str(), event.submitted_at), (None, "Ada", 5));
    }

    #[test]
    fn a_body_without_its_number_is_refused() {
        let body = json!({ "version": 1, "ticket_id": "t", "subject": "s" });
        assert!(serde_json::from_value::<TicketSubmittedV1>(body).is_err());
    }
}
