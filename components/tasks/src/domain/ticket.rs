//! The ticket as it was approved, and the people in it: snapshots of what other services own.

use uuid::Uuid;

/// A person as the rows name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The key that auth gave them.
    pub id: Uuid,
    /// First and last name.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// How urgent a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Everything stands still.
    Critical,
    /// Soon.
    High,
    /// Also that of a ticket that does not say.
    Medium,
    /// Some time.
    Low,
}

impl Priority {
    /// Every priority, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The form in messages, answers and the database.
    pub fn label(self) -> &'static str {
        match self {
            Self::Critical => "Critical",
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
        }
    }

    /// The priority of this name, in any case; `urgent` is the old word for critical.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("urgent") {
            return Some(Self::Critical);
        }
        Self::ALL.into_iter().find(|priority| priority.label().eq_ignore_ascii_case(text))
    }
}

/// A ticket, with what the work on it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The key that tickets gave it.
    pub id: Uuid,
    /// The number that people know.
    pub number: String,
    /// Its headline.
    pub subject: String,
    /// What it is about.
    pub description: String,
    /// Name of the department that works on it.
    pub department: String,
    /// Name of the category.
    pub category: String,
    /// Name of the sub-category.
    pub sub_category: Option<String>,
    /// How urgent it is.
    pub priority: Priority,
    /// Who submitted it.
    pub requester: Person,
}

/// Whether a ticket has got its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// Not looked at yet.
    Pending,
    /// It has, or had, one.
    Allocated,
    /// No published workflow is for it.
    Unmatched,
    /// Nobody active holds the role of the first step.
    NoStaff,
    /// Its requester took it back.
    Cancelled,
}

impl Allocation {
    /// The form stored in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Allocated => "allocated",
            Self::Unmatched => "unmatched",
            Self::NoStaff => "no_staff",
            Self::Cancelled => "cancelled",
        }
    }

    /// The allocation with this code.
    pub fn read(code: &str) -> Option<Self> {
        let all = [Self::Pending, Self::Allocated, Self::Unmatched, Self::NoStaff, Self::Cancelled];
        all.into_iter().find(|allocation| allocation.code() == code)
    }

    /// Whether the ticket is without a task and may get one.
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Pending | Self::Unmatched | Self::NoStaff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_read_in_any_case_and_by_the_old_word() {
        assert_eq!(Priority::read(" hIGH "), Some(Priority::High));
        assert_eq!(Priority::read("Urgent"), Some(Priority::Critical));
        assert_eq!(Priority::read("whenever"), None);
    }
}
