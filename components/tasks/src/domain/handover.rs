//! How an item comes to somebody else at the same step: handed up by its holder, or given away by an administrator.
//! Either way the new item inherits the target, and the clock runs on.

use uuid::Uuid;

use super::case::Case;
use super::change::{Change, Fact};
use super::command::{Actor, By, Fresh, Refusal, required};
use super::rotation::Pool;
use super::sla::next_alert;
use super::task::{Item, ItemState, Origin};
use super::ticket::Person;

/// Whether the item can be handed up, by this person.
pub fn can_escalate(case: &Case, item: &Item, actor: &Actor) -> bool {
    may_escalate(item, actor) && open(item).is_ok() && target_role(case, item).is_ok()
}

/// Whether this person can give the item to somebody else.
pub fn can_transfer(case: &Case, item: &Item, actor: &Actor) -> bool {
    actor.is_admin && case.task.state.is_live() && open(item).is_ok()
}

pub(super) fn escalate(
    case: &Case,
    (item, reason): (Uuid, &str),
    actor: &Actor,
    pool: &Pool,
    fresh: Fresh,
) -> Result<Change, Refusal> {
    let item = case.item(item).filter(|item| may_escalate(item, actor)).ok_or(Refusal::Forbidden)?;
    let reason = required("reason", reason)?;
    open(item)?;
    let role = target_role(case, item)?;
    // Handing it up to oneself would be nothing but a line in the log.
    let to = pool.next(Some(item.assignee.id)).ok_or_else(|| Refusal::Nobody { role: role.to_owned() })?;
    let by = By::Person(actor);
    let mut change = Change::of(case, "task.escalate", by, fresh.now);
    change.end(item.id, ItemState::Escalated, by, &reason);
    change.take_turn(pool, to.id);
    let fact = Fact::Escalated { from: item.id, to: fresh.item, by: actor.person.clone(), reason };
    change.facts.push(fact);
    let next = Item { role: role.to_owned(), ..heir(&change, item, to, Origin::Escalation, fresh) };
    change.assign(next, by);
    Ok(change)
}

pub(super) fn transfer(
    case: &Case,
    (item, notes): (Uuid, &str),
    actor: &Actor,
    pool: &Pool,
    fresh: Fresh,
) -> Result<Change, Refusal> {
    let item = case.item(item).filter(|_| actor.is_admin).ok_or(Refusal::Forbidden)?;
    let notes = required("notes", notes)?;
    let invalid = |message: &str| Refusal::Invalid { field: "user_id", message: message.to_owned() };
    let to = pool.next(None).ok_or_else(|| invalid("must be an active person with a role in tts"))?;
    open(item)?;
    if to.id == item.assignee.id {
        return Err(invalid("holds it already"));
    }
    let by = By::Person(actor);
    let mut change = Change::of(case, "task.transfer", by, fresh.now);
    change.end(item.id, ItemState::Reassigned, by, &notes);
    let fact = Fact::Transferred { from: item.id, to: fresh.item, by: actor.person.clone(), notes };
    change.facts.push(fact);
    let next = heir(&change, item, to, Origin::Transferred, fresh);
    change.assign(next, by);
    Ok(change)
}

fn may_escalate(item: &Item, actor: &Actor) -> bool {
    actor.is_admin || item.assignee.id == actor.person.id
}

fn open(item: &Item) -> Result<(), Refusal> {
    if item.state.is_open() { Ok(()) } else { Err(Refusal::Ended { state: item.state.code() }) }
}

/// The role to hand an item up to. Once for each role: not if an item of this role or of that one was escalated on
/// this task before, and not from that role to itself once it was escalated to.
fn target_role<'a>(case: &'a Case, item: &Item) -> Result<&'a str, Refusal> {
    let target = case.step_of(item).and_then(|step| step.escalate_role.as_deref()).ok_or(Refusal::NoEscalation)?;
    let went_up =
        |other: &Item| other.state == ItemState::Escalated && (other.role == item.role || other.role == target);
    let came_up = |other: &Item| other.origin == Origin::Escalation && other.role == target && item.role == target;
    if case.items.iter().any(|other| went_up(other) || came_up(other)) { Err(Refusal::Escalated) } else { Ok(target) }
}

/// The item that takes over from one which the change has ended.
fn heir(change: &Change, ended: &Item, assignee: &Person, origin: Origin, fresh: Fresh) -> Item {
    // As the change left it: its lateness, too, is inherited.
    let ended = change.case.item(ended.id).unwrap_or(ended);
    Item {
        id: fresh.item,
        step: ended.step,
        assignee: assignee.clone(),
        role: ended.role.clone(),
        origin,
        state: ItemState::New,
        assigned_at: fresh.now,
        clock_start: ended.clock_start,
        started_at: None,
        acted_at: None,
        acted_by: None,
        due_at: ended.due_at,
        breached_at: ended.breached_at,
        next_alert_at: next_alert(ended.clock_start, ended.due_at, fresh.now),
        transition: None,
        notes: None,
        previous: Some(ended.id),
    }
}

#[cfg(test)]
mod tests;
