//! What happens to the task of a ticket, and what becomes of the ticket by it.
//!
//! Messages come twice and in any order. What is past is known by its moment, and what does not fit the ticket's state
//! changes nothing.

use super::change::{By, Change, Command, Entry, EntryKind, decide};
use super::status::Status;
use super::ticket::Ticket;

/// The part that somebody has in a ticket by its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// They hold or held an assignment.
    Assignee,
    /// They follow the task as its owner.
    Coordinator,
}

impl Part {
    /// The form stored in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Assignee => "assignee",
            Self::Coordinator => "coordinator",
        }
    }
}

/// What the workflow tells of a ticket's task. Moments are microseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Somebody is to work on a step.
    Assigned {
        /// Who, by name.
        assignee: String,
        /// On what, by name.
        step: String,
        /// When it was assigned.
        at: i64,
    },
    /// An assignee began.
    Started {
        /// When.
        at: i64,
    },
    /// The last step is done.
    Completed {
        /// When the task was made.
        task_made_at: i64,
    },
}

/// What follows for the ticket, in order; nothing where the news is past or the ticket has ended. `now` in
/// microseconds since 1970.
pub fn follow(ticket: &Ticket, news: &News, now: i64) -> Vec<Change> {
    if matches!(ticket.status, Status::Rejected | Status::Withdrawn | Status::Closed) {
        return Vec::new();
    }
    let is_past = |at: i64| ticket.reopened_at.is_some_and(|reopened_at| at < reopened_at);
    match news {
        News::Assigned { assignee, step, at } => vec![assigned(ticket, (assignee, step), *at, now)],
        News::Started { at } if !is_past(*at) && ticket.status == Status::Open => run(ticket, &[Command::Start], now),
        // The work is done, whatever the messages before it said or have yet to say.
        News::Completed { task_made_at } if !is_past(*task_made_at) => match ticket.status {
            Status::Open => run(ticket, &[Command::Start, Command::Resolve], now),
            Status::OnHold => run(ticket, &[Command::Resume { note: None }, Command::Resolve], now),
            _ => run(ticket, &[Command::Resolve], now),
        },
        News::Started { .. } | News::Completed { .. } => Vec::new(),
    }
}

/// One after the other, until one does not fit.
fn run(ticket: &Ticket, commands: &[Command], now: i64) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for command in commands {
        let before = changes.last().map_or(ticket, |change| &change.ticket);
        match decide(before, command.clone(), By::System, now) {
            Ok(change) => changes.push(change),
            Err(_) => break,
        }
    }
    changes
}

/// A line among staff, and the assignee's name unless a newer message has already given one.
fn assigned(ticket: &Ticket, (assignee, step): (&str, &str), at: i64, now: i64) -> Change {
    let mut after = ticket.clone();
    after.updated_at = now;
    after.row_version += 1;
    if ticket.assigned_at.is_none_or(|known| known < at) {
        after.assignee_name = Some(assignee.to_owned());
        after.assigned_at = Some(at);
    }
    let entry = Entry {
        kind: EntryKind::Assigned,
        at: now,
        actor: None,
        from: None,
        to: None,
        note: Some(format!("{assignee}: {step}")),
        is_internal: true,
    };
    Change { ticket: after, entry }
}

#[cfg(test)]
mod tests {
    use super::super::ticket::sample;
    use super::*;

    const NOW: i64 = 1_000;
    const REOPENED: i64 = 500;

    /// Where the ticket stood after each change.
    fn course(ticket: &Ticket, news: &News) -> Vec<Status> {
        follow(ticket, news, NOW).iter().map(|change| change.ticket.status).collect()
    }

    fn assigned_to(name: &str, at: i64) -> News {
        News::Assigned { assignee: name.to_owned(), step: "Triage".to_owned(), at }
    }

    #[test]
    fn work_begins_once_and_ends_once_also_when_its_end_is_told_first() {
        use Status::{InProgress, OnHold, Open, Resolved};
        let (started, completed) = (News::Started { at: 1 }, News::Completed { task_made_at: 1 });
        assert_eq!(course(&sample(Open), &started), [InProgress]);
        assert_eq!(course(&sample(Open), &completed), [InProgress, Resolved]);
        assert_eq!(course(&sample(InProgress), &completed), [Resolved]);
        assert_eq!(course(&sample(OnHold), &completed), [InProgress, Resolved]);
        for status in [InProgress, OnHold, Resolved] {
            assert_eq!(course(&sample(status), &started), [], "{status:?}");
        }
        assert_eq!(course(&sample(Resolved), &completed), []);
        let versions: Vec<_> = follow(&sample(Open), &completed, NOW).iter().map(|it| it.ticket.row_version).collect();
        assert_eq!(versions, [5, 6]);
    }

    #[test]
    fn a_ticket_that_has_ended_or_is_not_approved_stays_as_it_is() {
        for status in [Status::Rejected, Status::Withdrawn, Status::Closed] {
            for news in [News::Started { at: 1 }, News::Completed { task_made_at: 1 }, assigned_to("Ada", 1)] {
                assert_eq!(course(&sample(status), &news), [], "{status:?} {news:?}");
            }
        }
        for status in [Status::New, Status::Pending] {
            assert_eq!(course(&sample(status), &News::Completed { task_made_at: 1 }), []);
        }
    }

    #[test]
    fn a_task_of_before_the_reopening_neither_begins_nor_resolves_it() {
        let reopened = Ticket { reopened_at: Some(REOPENED), ..sample(Status::Open) };
        assert_eq!(course(&reopened, &News::Started { at: REOPENED - 1 }), []);
        assert_eq!(course(&reopened, &News::Completed { task_made_at: REOPENED - 1 }), []);
        assert_eq!(course(&reopened, &News::Started { at: REOPENED + 1 }), [Status::InProgress]);
        assert_eq!(course(&reopened, &News::Completed { task_made_at: REOPENED + 1 }).last(), Some(&Status::Resolved));
    }

    #[test]
    fn the_newest_assignment_gives_the_name_and_each_has_its_line_among_staff() {
        let first = follow(&sample(Status::Open), &assigned_to("Ada", 20), NOW).remove(0);
        assert_eq!(first.ticket.assignee_name.as_deref(), Some("Ada"));
        assert_eq!((first.entry.note.as_deref(), first.entry.is_internal), (Some("Ada: Triage"), true));
        let older = follow(&first.ticket, &assigned_to("Bo", 10), NOW).remove(0);
        assert_eq!((older.ticket.assignee_name.as_deref(), older.ticket.row_version), (Some("Ada"), 6));
        let newer = follow(&older.ticket, &assigned_to("Cy", 30), NOW).remove(0);
        assert_eq!((newer.ticket.assignee_name.as_deref(), newer.ticket.status), (Some("Cy"), Status::Open));
    }
}
