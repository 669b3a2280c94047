//! Every transition of the table, and every command from every other state.

use super::super::access::Right;
use super::super::ticket::sample;
use super::*;

const NOW: i64 = 1_795_305_600_000_000;
const EVERY_COMMAND: usize = 13;

fn actor(id: &str, rights: &[Right]) -> Actor {
    let full_name = format!("Person {id}");
    Actor { id: id.to_owned(), full_name, email: format!("{id}@example.org"), rights: rights.to_vec() }
}

fn requester() -> Actor {
    actor("emp", &[Right::Employee])
}

fn coordinator() -> Actor {
    actor("coord", &[Right::Coordinator])
}

fn ticket(status: Status) -> Ticket {
    let resolved_at = (status == Status::Resolved).then_some(NOW - 1);
    Ticket { resolved_at, submitted_at: NOW - 1, updated_at: NOW - 1, ..sample(status) }
}

fn text() -> String {
    "because".to_owned()
}

fn approve() -> Command {
    Command::Approve { priority: Priority::High, department: "it".to_owned(), notes: Some(" soon ".to_owned()) }
}

/// Each command with the states it starts from and the one it leads to: the table of the specification.
fn table() -> [(Command, &'static [Status], Status); EVERY_COMMAND] {
    use Status::{Closed, InProgress, New, OnHold, Open, Pending, Rejected, Resolved, Withdrawn};
    [
        (approve(), &[New, Pending], Open),
        (Command::Reject { reason: text() }, &[New], Rejected),
        (Command::Defer { note: text() }, &[New], Pending),
        (Command::Claim { note: None }, &[Open], InProgress),
        (Command::Start, &[Open], InProgress),
        (Command::Hold { note: text() }, &[Open, InProgress], OnHold),
        (Command::Resume { note: None }, &[OnHold], InProgress),
        (Command::Resolve, &[InProgress], Resolved),
        (Command::Close { note: None }, &[Resolved], Closed),
        (Command::AutoClose, &[Resolved], Closed),
        (Command::Reopen { reason: text() }, &[Resolved], Open),
        (Command::Withdraw { reason: text() }, &[New, Open, InProgress, OnHold, Pending, Rejected], Withdrawn),
        (Command::Rate { stars: 5, feedback: None }, &[Closed], Closed),
    ]
}

/// Somebody entitled to the command, at a time that suits it.
fn decide_as_entitled(from: Status, command: &Command) -> Result<Change, Refusal> {
    let (emp, coord) = (requester(), coordinator());
    let (by, now) = match command {
        Command::Start | Command::Resolve => (By::System, NOW),
        Command::AutoClose => (By::System, NOW + REOPEN_WINDOW_US),
        Command::Reopen { .. } | Command::Withdraw { .. } | Command::Rate { .. } => (By::Person(&emp), NOW),
        _ => (By::Person(&coord), NOW),
    };
    decide(&ticket(from), command.clone(), by, now)
}

#[test]
fn every_line_of_the_table_is_taken_and_no_other() {
    for (command, starts, to) in table() {
        for from in Status::ALL {
            let decided = decide_as_entitled(from, &command);
            if starts.contains(&from) {
                let change = decided.unwrap_or_else(|refusal| panic!("{command:?} from {from:?}: {refusal:?}"));
                assert_eq!(change.ticket.status, to, "{command:?} from {from:?}");
                assert_eq!((change.entry.from, change.entry.to), (Some(from), Some(to)));
                assert_eq!(change.ticket.row_version, 5);
            } else {
                assert_eq!(decided, Err(Refusal::State { from }), "{command:?} from {from:?}");
            }
        }
    }
}

#[test]
fn the_states_told_in_a_conflict_are_those_the_table_leads_to() {
    for from in Status::ALL {
        let mut reached: Vec<Status> = Vec::new();
        for (_, starts, to) in table() {
            if starts.contains(&from) && to != from && !reached.contains(&to) {
                reached.push(to);
            }
        }
        assert_eq!(reached.len(), from.next().len(), "{from:?}");
        assert!(reached.iter().all(|to| from.next().contains(to)), "{from:?}");
    }
}

#[test]
fn each_command_is_refused_to_those_it_does_not_belong_to() {
    let others =
        [actor("agent", &[Right::Agent]), actor("tts", &[Right::TrackingAdmin]), actor("root", &[Right::Superuser])];
    for (command, starts, _) in table() {
        let from = starts[0];
        for other in &others {
            assert_eq!(decide(&ticket(from), command.clone(), By::Person(other), NOW), Err(Refusal::Forbidden));
        }
        let requester_may = matches!(
            command,
            Command::Close { .. } | Command::Reopen { .. } | Command::Withdraw { .. } | Command::Rate { .. }
        );
        let decided = decide(&ticket(from), command.clone(), By::Person(&requester()), NOW);
        assert_eq!(decided != Err(Refusal::Forbidden), requester_may, "{command:?}");
        let system_may =
            matches!(command, Command::Start | Command::Resume { .. } | Command::Resolve | Command::AutoClose);
        let decided = decide(&ticket(from), command.clone(), By::System, NOW + REOPEN_WINDOW_US);
        assert_eq!(decided != Err(Refusal::Forbidden), system_may, "{command:?}");
    }
}

#[test]
fn an_approval_sets_what_the_workflow_needs() {
    let change = decide(&ticket(Status::New), approve(), By::Person(&coordinator()), NOW).unwrap();
    assert_eq!(change.ticket.priority, Some(Priority::High));
    assert_eq!(change.ticket.department.as_deref(), Some("it"));
    assert_eq!(change.ticket.first_response_at, Some(NOW));
    let approval = change.ticket.approval.unwrap();
    assert_eq!((approval.at, approval.by.id.as_str(), approval.notes.as_deref()), (NOW, "coord", Some("soon")));
    assert!(change.entry.is_internal);
}

#[test]
fn a_reason_must_be_given_and_be_short() {
    let blank = Command::Reject { reason: "  ".to_owned() };
    let refusal = decide(&ticket(Status::New), blank, By::Person(&coordinator()), NOW).unwrap_err();
    assert!(matches!(refusal, Refusal::Invalid { field: "rejection_reason", .. }));
    let long = Command::Withdraw { reason: "x".repeat(REMARK_MAX + 1) };
    let refusal = decide(&ticket(Status::New), long, By::Person(&requester()), NOW).unwrap_err();
    assert!(matches!(refusal, Refusal::Invalid { field: "reason", .. }));
    let crooked = Command::Reopen { reason: "a\0b".to_owned() };
    let refusal = decide(&ticket(Status::Resolved), crooked, By::Person(&requester()), NOW).unwrap_err();
    assert!(matches!(refusal, Refusal::Invalid { field: "reason", .. }));
}

#[test]
fn a_reopening_is_remembered_and_the_former_assignee_is_no_longer_at_work() {
    let resolved = Ticket { assignee_name: Some("Ada".to_owned()), assigned_at: Some(1), ..ticket(Status::Resolved) };
    let change = decide(&resolved, Command::Reopen { reason: text() }, By::Person(&requester()), NOW).unwrap();
    let after = change.ticket;
    assert_eq!((after.reopened_at, after.assigned_at, after.assignee_name), (Some(NOW), Some(NOW), None));
    assert_eq!((after.resolved_at, change.entry.note.as_deref()), (None, Some("because")));
}

#[test]
fn the_window_after_a_resolution_is_for_reopening_and_its_end_for_closing() {
    let resolved = ticket(Status::Resolved);
    let end = NOW - 1 + REOPEN_WINDOW_US;
    let reopen = || Command::Reopen { reason: text() };
    let emp = requester();
    assert!(decide(&resolved, reopen(), By::Person(&emp), end - 1).is_ok());
    assert!(matches!(decide(&resolved, reopen(), By::Person(&emp), end), Err(Refusal::Time { .. })));
    assert!(matches!(decide(&resolved, Command::AutoClose, By::System, end - 1), Err(Refusal::Time { .. })));
    let closed = decide(&resolved, Command::AutoClose, By::System, end).unwrap().ticket;
    assert_eq!(closed.closing, Some(Closing { at: end, kind: CloseKind::Auto }));
}

#[test]
fn a_closed_ticket_is_rated_once_with_one_to_five_stars() {
    let closed = ticket(Status::Closed);
    let rate = |stars| Command::Rate { stars, feedback: Some("good".to_owned()) };
    let emp = requester();
    for stars in [0, 6] {
        let refusal = decide(&closed, rate(stars), By::Person(&emp), NOW).unwrap_err();
        assert!(matches!(refusal, Refusal::Invalid { field: "rating", .. }));
    }
    let rated = decide(&closed, rate(5), By::Person(&emp), NOW).unwrap().ticket;
    assert_eq!(rated.rating, Some(Rating { stars: 5, feedback: Some("good".to_owned()), at: NOW }));
    assert!(matches!(decide(&rated, rate(4), By::Person(&emp), NOW), Err(Refusal::Time { .. })));
}

#[test]
fn closing_tells_who_closed_and_claiming_who_works() {
    let by_emp =
        decide(&ticket(Status::Resolved), Command::Close { note: None }, By::Person(&requester()), NOW).unwrap();
    assert_eq!(by_emp.ticket.closing, Some(Closing { at: NOW, kind: CloseKind::Requester }));
    let by_coord =
        decide(&ticket(Status::Resolved), Command::Close { note: None }, By::Person(&coordinator()), NOW).unwrap();
    assert_eq!(by_coord.ticket.closing, Some(Closing { at: NOW, kind: CloseKind::Staff }));
    let claimed =
        decide(&ticket(Status::Open), Command::Claim { note: None }, By::Person(&coordinator()), NOW).unwrap();
    assert_eq!(claimed.ticket.assignee_name.as_deref(), Some("Person coord"));
}
