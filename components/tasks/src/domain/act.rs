//! What the assignee does: begin, and be done with a step by one of its ways; and the end of a task with its ticket.

use uuid::Uuid;

use super::case::Case;
use super::change::{Change, Fact};
use super::command::{Actor, By, Fresh, Refusal, required};
use super::graph::{Step, Transition};
use super::rotation::Pool;
use super::sla::{item_due, next_alert};
use super::task::{Item, ItemState, Origin, TaskState};
use super::ticket::Person;

/// Something that can be done at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The way; absent: finishing.
    pub transition: Option<Uuid>,
    /// What people read.
    pub name: String,
    /// `forward`, `return` or `finish`.
    pub kind: &'static str,
    /// Where it leads; absent for finishing.
    pub to: Option<Uuid>,
}

/// What can be done at the step where the task stands; nothing once it has ended.
pub fn actions(case: &Case) -> Vec<Action> {
    let Some(step) = case.current_step().filter(|_| case.task.state.is_live()) else { return Vec::new() };
    let along = |way: &Transition| Action {
        transition: Some(way.id),
        name: way.name.clone(),
        kind: way.kind.code(),
        to: Some(way.to),
    };
    let finish = || Action { transition: None, name: format!("Finish {}", step.name), kind: "finish", to: None };
    case.plan.graph.outgoing(step.id).map(along).chain(step.is_end.then(finish)).collect()
}

/// Whether somebody may act on the task now.
pub fn can_act(case: &Case, user: Uuid) -> bool {
    case.task.state.is_live() && case.is_holder(user)
}

/// What an assignee wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) transition: Option<Uuid>,
    pub(super) notes: &'a str,
    pub(super) row_version: Option<i64>,
}

pub(super) fn start(case: &Case, item: Uuid, actor: &Actor, fresh: Fresh) -> Result<Change, Refusal> {
    let item = case.item(item).filter(|item| item.assignee.id == actor.person.id).ok_or(Refusal::Forbidden)?;
    if item.state != ItemState::New {
        return Err(Refusal::Ended { state: item.state.code() });
    }
    let by = By::Person(actor);
    let mut change = Change::of(case, "task.start", by, fresh.now);
    change.begin(item.id, by, fresh.now);
    Ok(change)
}

pub(super) fn act(case: &Case, wish: Wish<'_>, actor: &Actor, pool: &Pool, fresh: Fresh) -> Result<Change, Refusal> {
    let item = held(case, actor)?;
    let notes = required("notes", wish.notes)?;
    if wish.row_version.is_some_and(|seen| seen != case.task.row_version) {
        return Err(Refusal::Stale { row_version: case.task.row_version });
    }
    let way = way(case, wish.transition)?;
    let by = By::Person(actor);
    let action = if way.is_some() { "task.transition" } else { "task.finish" };
    let mut change = Change::of(case, action, by, fresh.now);
    if item.state == ItemState::New {
        change.begin(item.id, by, fresh.now);
    }
    change.touch(item.id, |item| item.transition = wish.transition);
    change.end(item.id, ItemState::Resolved, by, &notes);
    match way {
        None => complete(&mut change, actor, fresh.now),
        Some((way, step)) => {
            let next = pool.next(None).ok_or_else(|| Refusal::Nobody { role: step.role.clone() })?;
            change.case.task.current_step = Some(step.id);
            change.facts.push(Fact::StepChanged { transition: way.id, by: actor.person.clone() });
            change.take_turn(pool, next.id);
            change.assign(turn(case, step, next, Origin::System, fresh), by);
        }
    }
    Ok(change)
}

/// The open item, if the actor holds it.
fn held<'a>(case: &'a Case, actor: &Actor) -> Result<&'a Item, Refusal> {
    match case.open_item() {
        Some(item) if item.assignee.id == actor.person.id => Ok(item),
        // They did their part, and nobody else is at it.
        None if case.latest_of(actor.person.id).is_some() => Err(Refusal::Ended { state: case.task.state.code() }),
        _ => Err(Refusal::Forbidden),
    }
}

/// The way and the step it leads to; nothing for finishing.
fn way(case: &Case, wanted: Option<Uuid>) -> Result<Option<(&Transition, &Step)>, Refusal> {
    let elsewhere = || {
        let allowed = actions(case).into_iter().map(|action| (action.transition, action.name)).collect();
        Refusal::Elsewhere { allowed }
    };
    let Some(wanted) = wanted else {
        let at_end = case.current_step().is_some_and(|step| step.is_end);
        return if at_end { Ok(None) } else { Err(elsewhere()) };
    };
    let unknown = || Refusal::Invalid {
        field: "transition_id",
        message: "must be a transition of the task's workflow".to_owned(),
    };
    let way = case.plan.graph.transition(wanted).ok_or_else(unknown)?;
    if Some(way.from) != case.task.current_step {
        return Err(elsewhere());
    }
    Ok(Some((way, case.plan.graph.step(way.to).ok_or_else(unknown)?)))
}

fn complete(change: &mut Change, actor: &Actor, now: i64) {
    let task = &mut change.case.task;
    task.state = TaskState::Completed;
    task.completed_at = Some(now);
    if task.breached_at.is_none() && task.due_at.is_some_and(|due| now > due) {
        task.breached_at = Some(now);
    }
    change.facts.push(Fact::Completed { by: actor.person.clone() });
}

/// Somebody's turn at a step, with a clock of its own.
pub(super) fn turn(case: &Case, step: &Step, assignee: &Person, origin: Origin, fresh: Fresh) -> Item {
    let due_at = item_due(&case.plan, step, case.ticket.priority, fresh.now);
    Item {
        id: fresh.item,
        step: step.id,
        assignee: assignee.clone(),
        role: step.role.clone(),
        origin,
        state: ItemState::New,
        assigned_at: fresh.now,
        clock_start: fresh.now,
        started_at: None,
        acted_at: None,
        acted_by: None,
        due_at,
        breached_at: None,
        next_alert_at: next_alert(fresh.now, due_at, fresh.now),
        transition: None,
        notes: None,
        previous: case.items.last().map(|item| item.id),
    }
}

pub(super) fn cancel(case: &Case, reason: &str, fresh: Fresh) -> Result<Change, Refusal> {
    if !case.task.state.is_live() {
        return Err(Refusal::Ended { state: case.task.state.code() });
    }
    let mut change = Change::of(case, "task.cancel", By::System, fresh.now);
    let open = case.open_item();
    if let Some(item) = open {
        change.end(item.id, ItemState::Cancelled, By::System, reason);
    }
    change.case.task.state = TaskState::Cancelled;
    change.case.task.cancelled_at = Some(fresh.now);
    let assignee = open.map(|item| item.assignee.clone());
    change.facts.push(Fact::Cancelled { assignee, reason: reason.to_owned() });
    Ok(change)
}

#[cfg(test)]
mod tests;
