use std::collections::{BTreeSet, HashSet};

use crate::plot::{Act, plots};
use crate::{
    Alert, ESCALATE_ROLE, EntryKind, Item, ItemState, Note, Origin, Person, Priority, Status, TARGETS, Task, TaskState,
    Ticket, notices, picture, story, workflows,
};

const NOW: i64 = 1_773_065_100_000_000;
const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;

fn tickets() -> Vec<Ticket> {
    story(NOW)
}

fn tasks(tickets: &[Ticket]) -> impl Iterator<Item = (&Ticket, &Task)> {
    tickets.iter().filter_map(|ticket| ticket.task.as_ref().map(|task| (ticket, task)))
}

fn is_coordinator(person: &Person) -> bool {
    person.holds("hdts", "Ticket Coordinator")
}

#[track_caller]
fn ascending(moments: impl IntoIterator<Item = i64>, of: &str) {
    let moments: Vec<_> = moments.into_iter().collect();
    assert!(moments.is_sorted(), "{of}: {moments:?}");
    assert!(moments.iter().all(|at| *at <= NOW), "{of}: in the future");
}

#[test]
fn every_story_plays_to_its_end_and_some_thirty_to_forty_tickets_cover_everything() {
    let tickets = tickets();
    assert_eq!(tickets.len(), plots().count());
    assert!((30..=45).contains(&tickets.len()), "{}", tickets.len());
    let numbers: HashSet<_> = tickets.iter().map(|ticket| &ticket.number).collect();
    assert_eq!(numbers.len(), tickets.len());
    let statuses: BTreeSet<_> = tickets.iter().map(|ticket| ticket.status).collect();
    assert_eq!(statuses.len(), 9, "{statuses:?}");
    for priority in [Priority::Critical, Priority::High, Priority::Medium, Priority::Low] {
        assert!(tickets.iter().any(|ticket| ticket.approval.is_some_and(|it| it.priority == priority)));
    }
    for workflow in workflows() {
        assert_eq!(tasks(&tickets).any(|(_, task)| task.workflow == workflow), workflow.is_published);
    }
    let closed = || tickets.iter().filter(|ticket| ticket.status == Status::Closed);
    assert!(closed().any(|ticket| ticket.rating.is_some()) && closed().any(|ticket| ticket.rating.is_none()));
    assert!(tickets.iter().any(|ticket| NOW - ticket.submitted_at < HOUR));
    assert!(tickets.iter().any(|ticket| NOW - ticket.submitted_at > 50 * DAY));
    assert!(tickets.iter().all(|ticket| NOW - ticket.submitted_at < 60 * DAY));
}

#[test]
fn two_open_steps_are_late_one_was_handed_up_one_given_away_one_sent_back_and_one_ticket_has_no_workflow() {
    let tickets = tickets();
    let open = || tasks(&tickets).filter_map(|(_, task)| task.open_item());
    assert_eq!(open().filter(|item| item.breached_at(NOW).is_some()).count(), 2);
    assert!(open().any(|item| item.breached_at(NOW).is_none() && !item.alerts(NOW).is_empty()), "none is due soon");
    let items = || tasks(&tickets).flat_map(|(_, task)| &task.items);
    assert_eq!(items().filter(|item| item.origin == Origin::Escalation).count(), 1);
    assert_eq!(items().filter(|item| item.origin == Origin::Transferred).count(), 1);
    assert_eq!(items().filter(|item| item.transition.is_some_and(|way| way.is_return)).count(), 1);
    let unassigned = tickets.iter().filter(|ticket| ticket.approval.is_some() && ticket.task.is_none());
    assert_eq!(unassigned.map(|ticket| ticket.status).collect::<Vec<_>>(), [Status::Open]);
    let late = tasks(&tickets).filter(|(ticket, task)| ticket.resolved_at.is_some_and(|at| at > task.due_at));
    assert_eq!(late.count(), 1, "done, but later than its target");
}

#[test]
fn everything_happens_in_order_and_nothing_in_the_future() {
    for ticket in tickets() {
        let number = &ticket.number;
        ascending(ticket.log.iter().map(|entry| entry.at), number);
        ascending(ticket.comments.iter().map(|comment| comment.at), number);
        assert!(ticket.comments.iter().all(|comment| comment.at > ticket.submitted_at), "{number}");
        assert_eq!(ticket.log[0].at, ticket.submitted_at);
        let Some(task) = &ticket.task else { continue };
        for item in &task.items {
            let moments = [Some(item.clock_start), Some(item.assigned_at), item.started_at, item.acted_at];
            ascending(moments.into_iter().flatten(), number);
        }
        for pair in task.items.windows(2) {
            assert_eq!(pair[0].acted_at, Some(pair[1].assigned_at), "{number}: one turn ends as the next begins");
        }
    }
}

#[test]
fn the_log_of_a_ticket_is_a_way_through_the_table_of_statuses_and_ends_where_the_ticket_stands() {
    use Status::{Closed, InProgress, New, OnHold, Open, Pending, Rejected, Resolved, Withdrawn};
    for ticket in tickets() {
        let mut at = None;
        for entry in &ticket.log {
            assert_eq!(entry.from, at, "{}", ticket.number);
            let is_step = match (entry.from, entry.to) {
                (None, New)
                | (Some(New), Open | Pending | Rejected | Withdrawn)
                | (Some(Open), InProgress | Withdrawn)
                | (Some(InProgress), OnHold | Resolved | Withdrawn)
                | (Some(Resolved), Closed) => true,
                (Some(from), to) => from == to && matches!(entry.kind, EntryKind::Assigned | EntryKind::Rated),
                _ => false,
            };
            assert!(is_step, "{}: {:?} to {:?}", ticket.number, entry.from, entry.to);
            at = Some(entry.to);
        }
        assert_eq!(at, Some(ticket.status));
        let is_auto = |closing: crate::Closing| closing.by.is_none();
        if let (Some(resolved), Some(closing)) = (ticket.resolved_at, ticket.closing) {
            let waited = closing.at - resolved;
            assert!(!is_auto(closing) || (3 * DAY..=3 * DAY + HOUR).contains(&waited), "{}", ticket.number);
            assert!(is_auto(closing) || waited < 3 * DAY, "{}", ticket.number);
        } else if let Some(resolved) = ticket.resolved_at {
            assert!(NOW - resolved < 3 * DAY, "{}: it would have been closed by now", ticket.number);
        }
    }
}

#[test]
fn everybody_acts_as_their_roles_allow() {
    for ticket in tickets() {
        let number = &ticket.number;
        assert!(ticket.requester.is_employee() && ticket.requester.note != Note::Pending, "{number}");
        for entry in ticket.log.iter().filter(|entry| entry.actor != Some(ticket.requester)) {
            assert!(entry.actor.is_none_or(is_coordinator), "{number}: {:?}", entry.kind);
        }
        let Some(task) = &ticket.task else { continue };
        assert!(task.owner.holds("tts", "Ticket Coordinator"), "{number}");
        for item in &task.items {
            let fits = match item.origin {
                Origin::System => item.role == item.step.role && item.assignee.holds("tts", item.role),
                Origin::Escalation => item.role == ESCALATE_ROLE && item.assignee.holds("tts", ESCALATE_ROLE),
                Origin::Transferred => item.assignee.roles.iter().any(|(system, _)| *system == "tts"),
            };
            assert!(fits, "{number}: {}", item.assignee.full_name());
            let by_holder = item.acted_by.is_none_or(|who| who == item.assignee);
            let by_admin = item.acted_by.is_some_and(|who| who.holds("tts", "Admin"));
            assert!(if item.state == ItemState::Reassigned { by_admin } else { by_holder }, "{number}");
        }
    }
}

#[test]
fn a_task_has_one_open_step_while_it_lives_and_none_afterwards_and_agrees_with_its_ticket() {
    for ticket in tickets() {
        let Some(task) = &ticket.task else {
            let before_work = [Status::New, Status::Pending, Status::Open, Status::Rejected, Status::Withdrawn];
            assert!(before_work.contains(&ticket.status), "{}", ticket.number);
            continue;
        };
        let open: Vec<&Item> = task.items.iter().filter(|item| item.state.is_open()).collect();
        let has_begun = task.items.iter().any(|item| item.started_at.is_some());
        let (state, opens) = match ticket.status {
            Status::Open => (TaskState::Pending, 1),
            Status::InProgress | Status::OnHold => (TaskState::InProgress, 1),
            Status::Resolved | Status::Closed => (TaskState::Completed, 0),
            Status::Withdrawn => (TaskState::Cancelled, 0),
            other => panic!("{}: a task while {other:?}", ticket.number),
        };
        assert_eq!((task.state, open.len()), (state, opens), "{}", ticket.number);
        assert_eq!(has_begun, ticket.status != Status::Open, "{}", ticket.number);
        assert_eq!(task.completed_at, ticket.resolved_at);
        assert_eq!(open.last().copied(), task.open_item());
        for item in &task.items {
            assert_eq!(item.state.is_open(), item.acted_at.is_none());
            assert_eq!(item.notes.is_some(), item.acted_at.is_some(), "ended without a word");
            assert!(item.state != ItemState::InProgress || item.started_at.is_some());
        }
        let done = task.items.last().is_some_and(|item| item.step.is_end && item.transition.is_none());
        assert!(task.state != TaskState::Completed || done, "{}: ends at a step that is no end", ticket.number);
    }
}

#[test]
fn targets_are_shares_of_the_time_by_weight_and_are_inherited_by_who_takes_over() {
    assert_eq!(TARGETS.seconds(Priority::High), 8 * 3_600);
    let asset = &workflows()[0];
    let shares: Vec<_> = asset.steps.iter().map(|step| asset.seconds(step, Priority::High)).collect();
    assert_eq!(shares, [5_760, 17_280, 5_760], "1 h 36, 4 h 48 and 1 h 36");
    for (ticket, task) in tasks(&tickets()) {
        let priority = ticket.approval.unwrap().priority;
        assert_eq!(task.due_at, task.started_at + TARGETS.seconds(priority) * SECOND);
        let mut before: Option<&Item> = None;
        for item in &task.items {
            if item.origin == Origin::System {
                let share = task.workflow.seconds(item.step, priority) * SECOND;
                assert_eq!((item.clock_start, item.due_at), (item.assigned_at, item.assigned_at + share));
            } else {
                let before = before.unwrap();
                assert_eq!((item.step, item.due_at), (before.step, before.due_at));
                assert_eq!(item.clock_start, before.clock_start);
            }
            before = Some(item);
        }
    }
}

#[test]
fn steps_follow_each_other_along_the_transitions() {
    for (ticket, task) in tasks(&tickets()) {
        assert!(task.items[0].step.is_start);
        for pair in task.items.windows(2) {
            let Some(way) = pair[0].transition else { continue };
            assert_eq!((way.from, way.to), (pair[0].step.word, pair[1].step.word), "{}", ticket.number);
        }
    }
}

#[test]
fn every_story_names_a_team_exactly_if_a_workflow_takes_its_ticket() {
    for plot in plots() {
        for (_, act) in plot.acts {
            let Act::Approve { department, team, .. } = act else { continue };
            let takes = workflows().iter().any(|it| {
                it.is_published
                    && (it.department, it.category) == (*department, plot.category.name)
                    && (it.sub_category.is_none() || it.sub_category == plot.category.sub)
            });
            assert_eq!(takes, team.is_some(), "{}", plot.subject);
        }
    }
}

#[test]
fn people_speak_of_tickets_they_take_part_in_and_replies_answer_a_remark_of_the_same_kind() {
    let mut files = 0;
    for ticket in tickets() {
        for comment in &ticket.comments {
            let items = ticket.task.iter().flat_map(|task| &task.items);
            let mut assignees = items.filter(|item| item.assigned_at <= comment.at).map(|item| item.assignee);
            let is_part = comment.author == ticket.requester
                || is_coordinator(comment.author)
                || comment.author.holds("tts", "Admin")
                || assignees.any(|who| who == comment.author);
            assert!(is_part, "{}: {}", ticket.number, comment.author.full_name());
            assert!(!comment.is_internal || comment.author != ticket.requester);
            let parent = comment.parent.map(|key| ticket.comments.iter().find(|other| other.key == key).unwrap());
            assert!(parent.is_none_or(|it| it.parent.is_none() && it.is_internal == comment.is_internal));
            let named = comment.text.contains('@');
            assert_eq!(named, !comment.mentions().is_empty(), "{}", comment.text);
            assert!(!comment.is_internal || !comment.mentions().contains(&ticket.requester));
            files += usize::from(comment.file.is_some());
        }
    }
    assert!(files > 0 && tickets().iter().any(|ticket| ticket.file.is_some()));
    assert!(!picture().is_empty());
}

#[test]
fn inboxes_hold_the_last_days_and_new_entries_for_those_who_have_work() {
    let tickets = tickets();
    let notices = notices(&tickets, NOW);
    assert!(notices.iter().all(|it| it.subject.chars().count() <= 200 && it.at <= NOW && it.at > NOW - 8 * DAY));
    assert!(notices.iter().all(|it| it.read_at.is_none_or(|read| read >= it.at && read <= NOW)));
    for (_, item) in tasks(&tickets).filter_map(|(ticket, task)| Some((ticket, task.open_item()?))) {
        assert!(notices.iter().any(|it| it.to == item.assignee), "{}", item.assignee.full_name());
    }
    let kinds: BTreeSet<_> = notices.iter().map(|it| it.kind).collect();
    for kind in ["task_escalation_in", "task_transfer_out", "sla_warning", "sla_breach", "mention", "system"] {
        assert!(kinds.contains(kind), "{kind}");
    }
}

#[test]
fn levels_of_the_time_are_told_once_and_in_order() {
    let tickets = tickets();
    for item in tasks(&tickets).flat_map(|(_, task)| &task.items) {
        let levels: Vec<_> = item.alerts(NOW).iter().map(|alert: &Alert| alert.level).collect();
        assert!([&[][..], &[80], &[80, 90], &[80, 90, 100]].contains(&&levels[..]), "{levels:?}");
        assert_eq!(levels.contains(&100), item.breached_at(NOW).is_some());
    }
}
