//! Plays a story: from what people did to how everything stands, by the rules of the rooms.

use crate::comment::Comment;
use crate::key::{Kind, key};
use crate::plot::{Act, Ago, HOUR, Plot, RemarkKind};
use crate::task::{Item, ItemState, Origin, Task, TaskState};
use crate::ticket::{Approval, Closing, Entry, EntryKind, File, Priority, Rating, Reason, Status, Ticket, Who};
use crate::workflow::{ESCALATE_ROLE, Step, TARGETS, Workflow, workflows};

const MINUTE_US: i64 = 60_000_000;
const SECOND_US: i64 = 1_000_000;

/// The moment so many minutes before `now`, in the story at this place. Whole stories are moved by some minutes and
/// seconds of their own, lest everything happen at the same minute of different hours.
pub(crate) fn moment(plot: &Plot, place: u16, now: i64, ago: Ago) -> i64 {
    let minutes = if plot.ago > 10 * HOUR { i64::from(place) * 11 % 47 } else { 0 };
    now - (ago + minutes) * MINUTE_US - i64::from(place) * 7 % 60 * SECOND_US
}

/// The ticket of a story; nothing if an act is not possible, which the tests rule out.
pub(crate) fn play(plot: &'static Plot, place: u16, number: String, now: i64) -> Option<Ticket> {
    let submitted_at = moment(plot, place, now, plot.ago);
    let mut ticket = Ticket {
        key: key(Kind::Ticket, place, 0),
        number,
        requester: plot.by,
        subject: plot.subject,
        description: plot.text,
        category: plot.category,
        details: plot.details,
        submitted_at,
        status: Status::New,
        approval: None,
        rejection: None,
        withdrawal: None,
        resolved_at: None,
        closing: None,
        rating: None,
        log: Vec::new(),
        task: None,
        comments: Vec::new(),
        file: plot.file.map(|name| File { key: key(Kind::Attachment, place, 1), name, media_type: "image/png" }),
    };
    note(&mut ticket, EntryKind::Created, submitted_at, Some(plot.by), None);
    for (ago, act) in plot.acts {
        perform(&mut ticket, place, *act, moment(plot, place, now, *ago))?;
    }
    ticket.comments = comments(plot, place, now);
    Some(ticket)
}

fn perform(ticket: &mut Ticket, place: u16, act: Act, at: i64) -> Option<()> {
    match act {
        Act::Approve { by, priority, department, notes, team } => {
            ticket.approval = Some(Approval { at, by, notes, priority, department });
            turn(ticket, Status::Open, EntryKind::Approved, at, (Some(by), notes));
            if let Some((owner, first)) = team {
                ticket.task = Some(begin(ticket, place, owner, at)?);
                assign(ticket, place, first, at, None)?;
            }
        }
        Act::Reject { by, reason } => {
            ticket.rejection = Some(Reason { at, by, text: reason });
            turn(ticket, Status::Rejected, EntryKind::Rejected, at, (Some(by), Some(reason)));
        }
        Act::Defer { by, note } => turn(ticket, Status::Pending, EntryKind::Status, at, (Some(by), Some(note))),
        Act::Hold { by, note } => turn(ticket, Status::OnHold, EntryKind::Status, at, (Some(by), Some(note))),
        Act::Withdraw { reason } => withdraw(ticket, reason, at),
        Act::Close { by } => {
            let kind = if by.is_some() { EntryKind::Closed } else { EntryKind::AutoClosed };
            ticket.closing = Some(Closing { at, by });
            turn(ticket, Status::Closed, kind, at, (by, None));
        }
        Act::Rate { stars, feedback } => {
            ticket.rating = Some(Rating { at, stars, feedback });
            note(ticket, EntryKind::Rated, at, Some(ticket.requester), feedback);
        }
        Act::Start => start(ticket, at)?,
        Act::Move { name, notes, to } => {
            start(ticket, at)?;
            let workflow = ticket.task.as_ref()?.workflow;
            let item = end(ticket, ItemState::Resolved, at, notes.to_owned())?;
            let way = workflow.transitions.iter().find(|way| way.from == item.step.word && way.name == name)?;
            item.transition = Some(way);
            let next = Next { step: workflow.step(way.to)?, origin: Origin::System, from: None };
            assign(ticket, place, to, at, Some(next))?;
        }
        Act::Finish { notes } => {
            start(ticket, at)?;
            end(ticket, ItemState::Resolved, at, notes.to_owned())?;
            let task = ticket.task.as_mut()?;
            (task.state, task.completed_at) = (TaskState::Completed, Some(at));
            ticket.resolved_at = Some(at);
            turn(ticket, Status::Resolved, EntryKind::Status, at, (None, None));
        }
        Act::Escalate { reason, to } => {
            let item = end(ticket, ItemState::Escalated, at, reason.to_owned())?.clone();
            assign(ticket, place, to, at, Some(Next::of(&item, Origin::Escalation)))?;
        }
        Act::Transfer { by, to, notes } => {
            let item = end(ticket, ItemState::Reassigned, at, notes.to_owned())?;
            item.acted_by = Some(by);
            let next = Next::of(&item.clone(), Origin::Transferred);
            assign(ticket, place, to, at, Some(next))?;
        }
    }
    Some(())
}

// === the ticket ===

/// Writes a line of the log that changes nothing else.
fn note(ticket: &mut Ticket, kind: EntryKind, at: i64, actor: Option<Who>, note: Option<&'static str>) {
    let from = (kind != EntryKind::Created).then_some(ticket.status);
    ticket.log.push(Entry { kind, at, actor, from, to: ticket.status, note, assigned: None, is_internal: false });
}

/// Takes the ticket to another status, with its line in the log.
fn turn(ticket: &mut Ticket, to: Status, kind: EntryKind, at: i64, (actor, note): (Option<Who>, Option<&'static str>)) {
    let (from, is_internal) = (Some(ticket.status), kind == EntryKind::Approved);
    ticket.log.push(Entry { kind, at, actor, from, to, note, assigned: None, is_internal });
    ticket.status = to;
}

fn withdraw(ticket: &mut Ticket, reason: &'static str, at: i64) {
    let by = ticket.requester;
    ticket.withdrawal = Some(Reason { at, by, text: reason });
    turn(ticket, Status::Withdrawn, EntryKind::Withdrawn, at, (Some(by), Some(reason)));
    if end(ticket, ItemState::Cancelled, at, reason.to_owned()).is_some()
        && let Some(task) = &mut ticket.task
    {
        (task.state, task.cancelled_at) = (TaskState::Cancelled, Some(at));
    }
}

// === the work on it ===

fn matching(ticket: &Ticket, department: &str) -> Option<&'static Workflow> {
    let takes = |workflow: &&Workflow| {
        workflow.is_published
            && workflow.department == department
            && workflow.category == ticket.category.name
            && workflow.sub_category.is_none_or(|sub| ticket.category.sub == Some(sub))
    };
    workflows().iter().find(takes)
}

fn begin(ticket: &Ticket, place: u16, owner: Who, at: i64) -> Option<Task> {
    let approval = ticket.approval?;
    let workflow = matching(ticket, approval.department)?;
    Some(Task {
        key: key(Kind::Task, place, 0),
        workflow,
        owner,
        state: TaskState::Pending,
        started_at: at,
        due_at: at + TARGETS.seconds(approval.priority) * SECOND_US,
        completed_at: None,
        cancelled_at: None,
        items: Vec::new(),
    })
}

/// What comes after an assignment.
struct Next {
    step: &'static Step,
    origin: Origin,
    /// The assignment whose clock runs on.
    from: Option<Item>,
}

impl Next {
    fn of(item: &Item, origin: Origin) -> Self {
        Self { step: item.step, origin, from: Some(item.clone()) }
    }
}

/// Gives a step to somebody; without `next` the first one of the workflow.
fn assign(ticket: &mut Ticket, place: u16, to: Who, at: i64, next: Option<Next>) -> Option<()> {
    let priority = ticket.approval?.priority;
    let task = ticket.task.as_mut()?;
    let first = || task.workflow.steps.iter().find(|step| step.is_start);
    let Next { step, origin, from } = match next {
        Some(next) => next,
        None => Next { step: first()?, origin: Origin::System, from: None },
    };
    let part = u16::try_from(task.items.len() + 1).ok()?;
    let role = match origin {
        Origin::System => step.role,
        Origin::Transferred => from.as_ref()?.role,
        Origin::Escalation => ESCALATE_ROLE,
    };
    let (clock_start, due_at) =
        from.map_or_else(|| (at, due(task, step, priority, at)), |it| (it.clock_start, it.due_at));
    task.items.push(Item {
        key: key(Kind::Item, place, part),
        step,
        assignee: to,
        role,
        origin,
        state: ItemState::New,
        assigned_at: at,
        clock_start,
        started_at: None,
        acted_at: None,
        acted_by: None,
        due_at,
        transition: None,
        notes: None,
    });
    let status = ticket.status;
    ticket.log.push(Entry {
        kind: EntryKind::Assigned,
        at,
        actor: None,
        from: Some(status),
        to: status,
        note: None,
        assigned: Some((to, step.name)),
        is_internal: true,
    });
    Some(())
}

fn due(task: &Task, step: &Step, priority: Priority, at: i64) -> i64 {
    at + task.workflow.seconds(step, priority) * SECOND_US
}

/// The assignee begins, if they have not; with the first beginning the ticket is in progress.
fn start(ticket: &mut Ticket, at: i64) -> Option<()> {
    let task = ticket.task.as_mut()?;
    let item = task.items.last_mut().filter(|item| item.state.is_open())?;
    if item.state == ItemState::New {
        (item.state, item.started_at) = (ItemState::InProgress, Some(at));
        task.state = TaskState::InProgress;
    }
    if ticket.status == Status::Open {
        turn(ticket, Status::InProgress, EntryKind::Status, at, (None, None));
    }
    Some(())
}

/// Ends the open assignment.
fn end(ticket: &mut Ticket, state: ItemState, at: i64, notes: String) -> Option<&mut Item> {
    let item = ticket.task.as_mut()?.items.last_mut().filter(|item| item.state.is_open())?;
    item.state = state;
    item.acted_at = Some(at);
    item.acted_by = (state != ItemState::Cancelled).then_some(item.assignee);
    item.notes = Some(notes);
    Some(item)
}

// === what people say ===

fn comments(plot: &'static Plot, place: u16, now: i64) -> Vec<Comment> {
    let mut comments: Vec<Comment> = Vec::new();
    for (part, remark) in (1..).zip(plot.talk) {
        let is_reply = remark.kind == RemarkKind::Reply;
        let answered = comments.iter().rfind(|comment| is_reply && comment.parent.is_none());
        comments.push(Comment {
            key: key(Kind::Comment, place, part),
            author: remark.by,
            text: remark.text,
            is_internal: remark.kind == RemarkKind::Internal,
            at: moment(plot, place, now, remark.ago),
            parent: answered.map(|comment| comment.key),
            liked_by: remark.liked_by,
            file: remark.file,
        });
    }
    comments
}
