//! What a message about a ticket means for what is known of it. Messages come twice and in any order.

use super::ticket::Allocation;

/// What is known of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// When it was approved, or reopened last.
    pub opened_at: i64,
    /// Whether it has its task.
    pub allocation: Allocation,
    /// Whether a task of it is not at its end.
    pub has_live_task: bool,
}

/// What to do with a ticket that was approved or reopened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// Nothing: this, or something later, is known.
    Ignore,
    /// Note what changed; the work on it goes on.
    Refresh,
    /// Note it and find it a task.
    Take,
}

/// What to do with a ticket that was opened (approved or reopened) at this moment.
///
/// A withdrawal is final, also one that overtook the approval.
pub fn intake(known: Option<Standing>, opened_at: i64) -> Intake {
    match known {
        None => Intake::Take,
        Some(known) if known.allocation == Allocation::Cancelled || known.opened_at >= opened_at => Intake::Ignore,
        Some(known) if known.has_live_task => Intake::Refresh,
        Some(_) => Intake::Take,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(allocation: Allocation, has_live_task: bool, opened_at: i64) -> Intake {
        intake(Some(Standing { opened_at: 10, allocation, has_live_task }), opened_at)
    }

    #[test]
    fn a_ticket_is_taken_once_and_again_when_it_is_reopened() {
        assert_eq!(intake(None, 10), Intake::Take);
        assert_eq!(after(Allocation::Allocated, true, 10), Intake::Ignore);
        assert_eq!(after(Allocation::Unmatched, false, 10), Intake::Ignore);
        assert_eq!(after(Allocation::Allocated, false, 20), Intake::Take);
    }

    #[test]
    fn an_approval_that_comes_after_the_reopening_changes_nothing() {
        assert_eq!(after(Allocation::Allocated, true, 5), Intake::Ignore);
        assert_eq!(after(Allocation::Allocated, false, 5), Intake::Ignore);
    }

    #[test]
    fn a_ticket_reopened_while_its_task_lives_keeps_the_task() {
        assert_eq!(after(Allocation::Allocated, true, 20), Intake::Refresh);
    }

    #[test]
    fn nothing_follows_a_withdrawal() {
        assert_eq!(after(Allocation::Cancelled, false, 20), Intake::Ignore);
    }
}
