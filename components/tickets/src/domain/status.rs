//! The words for where a ticket stands and how urgent it is: their form in the database and towards people.

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Submitted; nobody has looked at it.
    New,
    /// Approved; a workflow may begin.
    Open,
    /// Somebody works on it.
    InProgress,
    /// Work rests.
    OnHold,
    /// Put off before approval, for want of information.
    Pending,
    /// Done; the requester may close or reopen.
    Resolved,
    /// Refused by a coordinator.
    Rejected,
    /// Taken back by the requester.
    Withdrawn,
    /// Over.
    Closed,
}

impl Status {
    /// Every status, in the order of a ticket's life.
    pub const ALL: [Self; 9] = [
        Self::New,
        Self::Open,
        Self::InProgress,
        Self::OnHold,
        Self::Pending,
        Self::Resolved,
        Self::Rejected,
        Self::Withdrawn,
        Self::Closed,
    ];

    /// The form stored in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::OnHold => "on_hold",
            Self::Pending => "pending",
            Self::Resolved => "resolved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
        }
    }

    /// The form people see, also in the API and in messages.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Open => "Open",
            Self::InProgress => "In Progress",
            Self::OnHold => "On Hold",
            Self::Pending => "Pending",
            Self::Resolved => "Resolved",
            Self::Rejected => "Rejected",
            Self::Withdrawn => "Withdrawn",
            Self::Closed => "Closed",
        }
    }

    /// Reads either form, in any case.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        Self::ALL.into_iter().find(|s| s.code().eq_ignore_ascii_case(text) || s.label().eq_ignore_ascii_case(text))
    }

    /// Where a ticket may go from here, by whomever and on whatever condition; empty when it stays for good.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::New => &[Self::Open, Self::Pending, Self::Rejected, Self::Withdrawn],
            Self::Pending => &[Self::Open, Self::Withdrawn],
            Self::Open => &[Self::InProgress, Self::OnHold, Self::Withdrawn],
            Self::InProgress => &[Self::OnHold, Self::Resolved, Self::Withdrawn],
            Self::OnHold => &[Self::InProgress, Self::Withdrawn],
            Self::Resolved => &[Self::Open, Self::Closed],
            Self::Rejected => &[Self::Withdrawn],
            Self::Withdrawn | Self::Closed => &[],
        }
    }
}

/// How urgent a ticket is; set by the coordinator who approves it.
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
    /// Every priority, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The form stored in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// The form people see, also in the API and in messages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Critical => "Critical",
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
        }
    }

    /// Reads either form, in any case.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        Self::ALL.into_iter().find(|p| p.code().eq_ignore_ascii_case(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_read_back_from_both_its_forms() {
        for status in Status::ALL {
            assert_eq!(Status::read(status.code()), Some(status));
            assert_eq!(Status::read(&status.label().to_uppercase()), Some(status));
        }
        assert_eq!(Status::read("done"), None);
    }

    #[test]
    fn every_priority_is_read_back_from_both_its_forms() {
        for priority in Priority::ALL {
            assert_eq!(Priority::read(priority.code()), Some(priority));
            assert_eq!(Priority::read(priority.label()), Some(priority));
        }
        assert_eq!(Priority::read("urgent"), None);
    }
}
