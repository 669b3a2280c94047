//! Decisions: what has to be written and told because of a command.

use serde_json::{Value, json};
use uuid::Uuid;

use super::case::Case;
use super::command::{By, Command, Fresh, Refusal};
use super::rotation::{Pool, Turn};
use super::task::{Item, ItemState, TaskState};
use super::ticket::Person;
use super::{act, handover};

/// A line of an item's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemEvent {
    /// Of which item.
    pub item: Uuid,
    /// When.
    pub at: i64,
    /// The state before; absent at its beginning.
    pub from: Option<ItemState>,
    /// The state since.
    pub to: ItemState,
    /// Who did it; absent for the system.
    pub actor: Option<Person>,
    /// What they said.
    pub reason: Option<String>,
}

/// What others are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The ticket got its task.
    Created,
    /// Somebody got an item.
    Assigned {
        /// Which.
        item: Uuid,
    },
    /// Its holder began.
    Started {
        /// Which.
        item: Uuid,
    },
    /// The task stands at another step.
    StepChanged {
        /// The way it went.
        transition: Uuid,
        /// By whom.
        by: Person,
    },
    /// An item was handed up.
    Escalated {
        /// The item that ended.
        from: Uuid,
        /// The item that took over.
        to: Uuid,
        /// By whom.
        by: Person,
        /// Why.
        reason: String,
    },
    /// An item was given to somebody else.
    Transferred {
        /// The item that ended.
        from: Uuid,
        /// The item that took over.
        to: Uuid,
        /// By whom.
        by: Person,
        /// Why.
        notes: String,
    },
    /// The last step is done.
    Completed {
        /// By whom.
        by: Person,
    },
    /// The task ended with its ticket.
    Cancelled {
        /// Who was to act.
        assignee: Option<Person>,
        /// Why.
        reason: String,
    },
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// When.
    pub at: i64,
    /// Who; absent for the system.
    pub actor: Option<Person>,
    /// What was done, for example `task.escalate`.
    pub action: &'static str,
    /// Type and key of what it was done to.
    pub target: (&'static str, String),
    /// `{field: {old, new}}`.
    pub changes: Value,
}

/// What a command leads to: everything that one transaction has to write and send.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The task after the change, with the next `row_version`.
    pub case: Case,
    /// Whether the task is new.
    pub is_new: bool,
    /// Items that are other than before.
    pub touched: Vec<Uuid>,
    /// The item that is new.
    pub added: Option<Uuid>,
    /// New lines of the items' histories, in order.
    pub events: Vec<ItemEvent>,
    /// Turns that were taken.
    pub turns: Vec<Turn>,
    /// What to tell, in order.
    pub facts: Vec<Fact>,
    /// The line in the audit log.
    pub audit: Audit,
}

/// Decides what becomes of a task. `pool` are those whom [`super::needs`] asked for.
///
/// # Errors
/// A [`Refusal`]: first the right, then the fields, then the state, then whether anybody is there.
pub fn decide(case: &Case, command: &Command, by: By<'_>, pool: &Pool, fresh: Fresh) -> Result<Change, Refusal> {
    let change = match (command, by) {
        (Command::Start { item }, By::Person(actor)) => act::start(case, *item, actor, fresh),
        (Command::Act { transition, notes, row_version }, By::Person(actor)) => {
            let wish = act::Wish { transition: *transition, notes, row_version: *row_version };
            act::act(case, wish, actor, pool, fresh)
        }
        (Command::Escalate { item, reason }, By::Person(actor)) => {
            handover::escalate(case, (*item, reason), actor, pool, fresh)
        }
        (Command::Transfer { item, user: _, notes }, By::Person(actor)) => {
            handover::transfer(case, (*item, notes), actor, pool, fresh)
        }
        (Command::Cancel { reason }, By::System) => act::cancel(case, reason, fresh),
        _ => Err(Refusal::Forbidden),
    };
    change.map(|mut change| {
        change.audit.changes = differences(Some(case), &change.case);
        change
    })
}

impl Change {
    /// The task as it is, one version on.
    pub(super) fn of(case: &Case, action: &'static str, by: By<'_>, now: i64) -> Self {
        let mut case = case.clone();
        case.task.row_version += 1;
        case.task.updated_at = now;
        let target = ("Task", case.task.id.to_string());
        Self {
            case,
            is_new: false,
            touched: Vec::new(),
            added: None,
            events: Vec::new(),
            turns: Vec::new(),
            facts: Vec::new(),
            audit: Audit { at: now, actor: by.person(), action, target, changes: Value::Null },
        }
    }

    /// The holder of the item begins.
    pub(super) fn begin(&mut self, item: Uuid, by: By<'_>, now: i64) {
        self.case.task.state = TaskState::InProgress;
        let begun = self.touch(item, |item| {
            item.started_at = Some(now);
            std::mem::replace(&mut item.state, ItemState::InProgress)
        });
        self.note(item, (begun, ItemState::InProgress), by, None);
        self.facts.push(Fact::Started { item });
    }

    /// The item is over. One that is late by now is late, whether or not a look at the clock noticed.
    pub(super) fn end(&mut self, item: Uuid, to: ItemState, by: By<'_>, notes: &str) {
        let (now, actor) = (self.audit.at, by.person());
        let before = self.touch(item, |item| {
            item.acted_at = Some(now);
            item.acted_by = actor.map(|actor| actor.id);
            item.notes = Some(notes.to_owned());
            if item.breached_at.is_none() && item.due_at.is_some_and(|due| now > due) {
                item.breached_at = Some(now);
            }
            std::mem::replace(&mut item.state, to)
        });
        self.note(item, (before, to), by, Some(notes));
    }

    /// Somebody gets an item.
    pub(super) fn assign(&mut self, item: Item, by: By<'_>) {
        self.events.push(ItemEvent {
            item: item.id,
            at: item.assigned_at,
            from: None,
            to: item.state,
            actor: by.person(),
            reason: None,
        });
        self.added = Some(item.id);
        self.facts.push(Fact::Assigned { item: item.id });
        self.case.items.push(item);
    }

    /// Somebody had their turn.
    pub(super) fn take_turn(&mut self, pool: &Pool, user: Uuid) {
        if !pool.key.is_empty() {
            self.turns.push(Turn { pool_key: pool.key.clone(), user });
        }
    }

    pub(super) fn touch<T>(&mut self, id: Uuid, edit: impl FnOnce(&mut Item) -> T) -> Option<T> {
        let item = self.case.items.iter_mut().find(|item| item.id == id)?;
        if !self.touched.contains(&id) {
            self.touched.push(id);
        }
        Some(edit(item))
    }

    fn note(&mut self, item: Uuid, (from, to): (Option<ItemState>, ItemState), by: By<'_>, reason: Option<&str>) {
        let (at, reason) = (self.audit.at, reason.map(str::to_owned));
        self.events.push(ItemEvent { item, at, from, to, actor: by.person(), reason });
    }
}

/// The fields of a task that are other than before, for the audit log.
pub(super) fn differences(before: Option<&Case>, after: &Case) -> Value {
    type Read = fn(&Case) -> Value;
    fn step(case: &Case) -> Value {
        case.current_step().map_or(Value::Null, |step| json!(step.name))
    }
    fn holder(case: &Case) -> Value {
        case.open_item().map_or(Value::Null, |item| json!(item.assignee.name))
    }
    fn owner(case: &Case) -> Value {
        case.task.owner.as_ref().map_or(Value::Null, |owner| json!(owner.name))
    }
    fn state(case: &Case) -> Value {
        json!(case.task.state.code())
    }
    let fields: [(&str, Read); 4] = [("state", state), ("current_step", step), ("assignee", holder), ("owner", owner)];
    let pairs = fields.into_iter().map(|(name, read)| (name, before.map_or(Value::Null, read), read(after)));
    pairs
        .filter(|(_, old, new)| old != new)
        .map(|(name, old, new)| (name.to_owned(), json!({ "old": old, "new": new })))
        .collect()
}
