//! How tasks look from outside.

use sdk::clock::Timestamp;
use sdk::uuid::Uuid;
use serde_json::{Value, json};
use tasks::{
    Action, Case, Item, ItemEvent, ItemState, Person, Priority, Step, Task, Ticket, WorkflowRef, actions, can_act,
    can_escalate, can_transfer, elapsed_percent,
};

use crate::domain::{Caller, Stage, stages};
use crate::store::Listed;

/// What an item's version says of it.
struct Place<'a> {
    task: Uuid,
    key: &'a str,
    name: &'a str,
    instruction: &'a str,
    transition: Option<&'a str>,
}

/// A moment as people and programs read it.
pub(super) fn time(at: i64) -> String {
    Timestamp(at).rfc3339()
}

fn maybe_time(at: Option<i64>) -> Option<String> {
    at.map(time)
}

/// Somebody.
pub(super) fn person(person: &Person) -> Value {
    json!({ "id": person.id, "name": person.name })
}

/// Somebody, or nobody.
pub(super) fn maybe_person(somebody: Option<&Person>) -> Value {
    somebody.map_or(Value::Null, person)
}

fn step(step: &Step) -> Value {
    place(step.id, &step.key, &step.name)
}

fn place(id: Uuid, key: &str, name: &str) -> Value {
    json!({ "id": id, "key": key, "name": name })
}

/// The ticket as it was approved.
pub(super) fn ticket(ticket: &Ticket) -> Value {
    json!({
        "id": ticket.id,
        "number": ticket.number,
        "subject": ticket.subject,
        "description": ticket.description,
        "priority": Priority::label(ticket.priority),
        "department": ticket.department,
        "category": ticket.category,
        "sub_category": ticket.sub_category,
        "requester": person(&ticket.requester),
    })
}

/// A task of a version of a workflow, at a step with this key and name. Once it has ended it stands nowhere; its log says
/// where that was.
fn task(task: &Task, (workflow, version): (&WorkflowRef, u32), at: Option<(&str, &str)>) -> Value {
    let step = task.current_step.filter(|_| task.state.is_live());
    let step = step.zip(at).map(|(id, (key, name))| place(id, key, name));
    json!({
        "id": task.id,
        "state": task.state.code(),
        "workflow": { "id": workflow.id, "name": workflow.name },
        "version": version,
        "owner": maybe_person(task.owner.as_ref()),
        "current_step": step,
        "started_at": time(task.started_at),
        "due_at": maybe_time(task.due_at),
        "completed_at": maybe_time(task.completed_at),
        "row_version": task.row_version,
    })
}

fn turn(item: &Item, at: &Place<'_>, now: i64) -> Value {
    json!({
        "id": item.id,
        "task_id": at.task,
        "step": place(item.step, at.key, at.name),
        "instruction": at.instruction,
        "assignee": person(&item.assignee),
        "role": item.role,
        "origin": item.origin.label(),
        "state": item.state.code(),
        "assigned_at": time(item.assigned_at),
        "started_at": maybe_time(item.started_at),
        "acted_at": maybe_time(item.acted_at),
        "due_at": maybe_time(item.due_at),
        "breached_at": maybe_time(item.breached_at),
        "elapsed_percent": elapsed_percent(item, now),
        "transition": at.transition,
        "notes": item.notes,
    })
}

/// An item of a task.
pub(super) fn item(case: &Case, item: &Item, now: i64) -> Value {
    let step = case.step_of(item);
    let at = Place {
        task: case.task.id,
        key: step.map_or("", |step| &step.key),
        name: step.map_or("", |step| &step.name),
        instruction: step.map_or("", |step| &step.instruction),
        transition: case.transition_name(item),
    };
    turn(item, &at, now)
}

/// The step of an item.
pub(super) fn step_of(case: &Case, item: &Item) -> Value {
    case.step_of(item).map_or(Value::Null, step)
}

/// The item that is shown of a task to somebody: the open one, else their last.
fn shown<'a>(case: &'a Case, caller: &Caller) -> Option<&'a Item> {
    case.open_item().or_else(|| case.latest_of(caller.person.id))
}

/// A task as somebody sees it, by its open item or their last.
pub(super) fn whole(case: &Case, caller: &Caller, now: i64) -> Value {
    let shown = shown(case, caller);
    // What they did is told of their own last item.
    view(case, shown, case.latest_of(caller.person.id).or(shown), (caller, now))
}

/// A task as somebody sees it, by this item.
pub(super) fn by_item(case: &Case, item: &Item, caller: &Caller, now: i64) -> Value {
    view(case, Some(item), Some(item), (caller, now))
}

fn view(case: &Case, shown: Option<&Item>, told: Option<&Item>, (caller, now): (&Caller, i64)) -> Value {
    let actor = caller.actor();
    let is_open = shown.is_some_and(|item| item.state.is_open());
    let acts = is_open && can_act(case, caller.person.id);
    let is = |state: ItemState| told.is_some_and(|item| item.state == state);
    let step = case.current_step().map(|step| (step.key.as_str(), step.name.as_str()));
    let offered = if acts { actions(case) } else { Vec::new() };
    json!({
        "task": task(&case.task, (&case.plan.workflow, case.plan.version), step),
        "ticket": ticket(&case.ticket),
        "item": shown.map(|shown| item(case, shown, now)),
        "can_act": acts,
        "has_acted": is(ItemState::Resolved),
        "is_escalated": is(ItemState::Escalated),
        "is_transferred": is(ItemState::Reassigned),
        "can_escalate": shown.is_some_and(|item| can_escalate(case, item, &actor)),
        "can_transfer": shown.is_some_and(|item| can_transfer(case, item, &actor)),
        "available_actions": offered.iter().map(|offer| action(case, offer)).collect::<Vec<_>>(),
    })
}

fn action(case: &Case, action: &Action) -> Value {
    let to = action.to.and_then(|to| case.plan.graph.step(to));
    json!({
        "transition_id": action.transition,
        "name": action.name,
        "kind": action.kind,
        "to_step": to.map(step),
    })
}

/// A line of a board.
pub(super) fn line(line: &Listed, now: i64) -> Value {
    let step = line.current_step.as_ref().map(|(key, name)| (key.as_str(), name.as_str()));
    let item = line.turn.as_ref().map(|listing| {
        let at = Place {
            task: line.task.id,
            key: &listing.key,
            name: &listing.name,
            instruction: &listing.instruction,
            transition: listing.transition.as_deref(),
        };
        turn(&listing.item, &at, now)
    });
    json!({
        "item": item,
        "task": task(&line.task, (&line.workflow, line.version), step),
        "ticket": ticket(&line.ticket),
    })
}

/// Every item of a task with its history, in order.
pub(super) fn log(case: &Case, events: &[ItemEvent], now: i64) -> Value {
    let event = |event: &ItemEvent| {
        json!({
            "at": time(event.at),
            "from_state": event.from.map(ItemState::code),
            "to_state": event.to.code(),
            "actor": maybe_person(event.actor.as_ref()),
            "reason": event.reason,
        })
    };
    let items = case.items.iter().map(|it| {
        let mut line = item(case, it, now);
        let history: Vec<_> = events.iter().filter(|event| event.item == it.id).map(event).collect();
        if let Some(members) = line.as_object_mut() {
            members.insert("events".to_owned(), Value::Array(history));
        }
        line
    });
    json!({ "items": items.collect::<Vec<_>>() })
}

/// How far a task is.
pub(super) fn progress(case: &Case) -> Value {
    let node = |(step, stage): (&Step, Stage)| json!({ "id": step.id, "label": step.name, "role": step.role, "status": stage.code() });
    json!({
        "task": { "id": case.task.id, "state": case.task.state.code() },
        "nodes": stages(case).into_iter().map(node).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests;
