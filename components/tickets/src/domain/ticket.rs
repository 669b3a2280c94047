//! The ticket itself: its values, without rules.

use super::status::{Priority, Status};

/// Somebody as they were at the time: an id with the name and address shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id auth gave them.
    pub id: String,
    /// Empty where it was not kept.
    pub email: String,
    /// Given and family name.
    pub full_name: String,
}

/// How a ticket came to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseKind {
    /// By the person who asked.
    Requester,
    /// By a coordinator or administrator.
    Staff,
    /// By the clock, 72 hours after its resolution.
    Auto,
}

impl CloseKind {
    /// The form stored in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Staff => "staff",
            Self::Auto => "auto",
        }
    }

    /// Reads the stored form.
    pub fn read(code: &str) -> Option<Self> {
        [Self::Requester, Self::Staff, Self::Auto].into_iter().find(|kind| kind.code() == code)
    }
}

/// Who approved, when, and with which remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Microseconds since 1970.
    pub at: i64,
    /// The coordinator; the e-mail address is not kept.
    pub by: Person,
    /// A remark, where one was made.
    pub notes: Option<String>,
}

/// A decision that had to be explained: a rejection or a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Microseconds since 1970.
    pub at: i64,
    /// Who decided, by id.
    pub by: String,
    /// Never blank.
    pub text: String,
}

/// When and how a ticket was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// Microseconds since 1970.
    pub at: i64,
    /// By whom.
    pub kind: CloseKind,
}

/// How content the requester was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rating {
    /// 1 to 5.
    pub stars: u8,
    /// A remark, where one was made; at most 255 characters.
    pub feedback: Option<String>,
    /// Microseconds since 1970.
    pub at: i64,
}

/// A ticket with everything a decision needs. Times are microseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its key (UUID).
    pub id: String,
    /// Its number, see [`super::number()`].
    pub number: String,
    /// Who asked, as they were then.
    pub requester: Person,
    /// 1 to 255 characters.
    pub subject: String,
    /// 1 to 20,000 characters.
    pub description: String,
    /// Code of the category.
    pub category: String,
    /// Code of the sub-category.
    pub sub_category: Option<String>,
    /// `YYYY-MM-DD`.
    pub scheduled_on: Option<String>,
    /// What the category's form asked for, as one JSON object.
    pub details: String,
    /// What came beside it, as one JSON object.
    pub extra: String,
    /// Code of the department; set on approval.
    pub department: Option<String>,
    /// Set on approval.
    pub priority: Option<Priority>,
    /// Where it stands.
    pub status: Status,
    /// When it was submitted.
    pub submitted_at: i64,
    /// When staff first acted on it.
    pub first_response_at: Option<i64>,
    /// Its approval.
    pub approval: Option<Approval>,
    /// Its rejection.
    pub rejection: Option<Reason>,
    /// Its withdrawal.
    pub withdrawal: Option<Reason>,
    /// When it was resolved.
    pub resolved_at: Option<i64>,
    /// Its end.
    pub closing: Option<Closing>,
    /// When it was last reopened: what a task of before has to say is past.
    pub reopened_at: Option<i64>,
    /// Who works on it.
    pub assignee_name: Option<String>,
    /// Since when that holds, so that an older message does not undo a newer one.
    pub assigned_at: Option<i64>,
    /// What the requester thinks of the work.
    pub rating: Option<Rating>,
    /// Last change.
    pub updated_at: i64,
    /// Counts changes; the optimistic lock and the entity tag.
    pub row_version: i64,
}

/// A ticket of the requester `emp`, for tests.
#[cfg(test)]
pub(super) fn sample(status: Status) -> Ticket {
    Ticket {
        id: "t".to_owned(),
        number: "TX20261122000001".to_owned(),
        requester: Person { id: "emp".to_owned(), email: String::new(), full_name: "Person emp".to_owned() },
        subject: "A charger".to_owned(),
        description: "It is gone".to_owned(),
        category: "it-support".to_owned(),
        sub_category: None,
        scheduled_on: None,
        details: "{}".to_owned(),
        extra: "{}".to_owned(),
        department: None,
        priority: None,
        status,
        submitted_at: 1,
        first_response_at: None,
        approval: None,
        rejection: None,
        withdrawal: None,
        resolved_at: None,
        closing: None,
        reopened_at: None,
        assignee_name: None,
        assigned_at: None,
        rating: None,
        updated_at: 1,
        row_version: 4,
    }
}
