//! A task with all that a decision about it needs.

use uuid::Uuid;

use super::graph::{Graph, Step};
use super::sla::Sla;
use super::task::{Item, Task};
use super::ticket::Ticket;

/// A workflow by key and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowRef {
    /// Its key.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
}

/// One version of a workflow: that which new tasks follow, or that which a task is pinned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Of which workflow.
    pub workflow: WorkflowRef,
    /// Its key.
    pub version_id: Uuid,
    /// Its number, from 1.
    pub version: u32,
    /// How long tasks may take.
    pub sla: Sla,
    /// The way of the work.
    pub graph: Graph,
}

/// A task, its ticket, the way it follows and everybody's turns so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What is worked on.
    pub ticket: Ticket,
    /// The version that the task is pinned to.
    pub plan: Plan,
    /// The task.
    pub task: Task,
    /// Its items, the oldest first.
    pub items: Vec<Item>,
}

impl Case {
    /// The item whose holder may act; a task has at most one.
    pub fn open_item(&self) -> Option<&Item> {
        self.items.iter().find(|item| item.state.is_open())
    }

    /// The item with this key.
    pub fn item(&self, id: Uuid) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The last item that somebody got.
    pub fn latest_of(&self, user: Uuid) -> Option<&Item> {
        self.items.iter().rev().find(|item| item.assignee.id == user)
    }

    /// Whether somebody may act now.
    pub fn is_holder(&self, user: Uuid) -> bool {
        self.open_item().is_some_and(|item| item.assignee.id == user)
    }

    /// Whether somebody holds or held an item, or owns the task.
    pub fn takes_part(&self, user: Uuid) -> bool {
        self.task.owner.as_ref().is_some_and(|owner| owner.id == user) || self.latest_of(user).is_some()
    }

    /// The step that the task stands at.
    pub fn current_step(&self) -> Option<&Step> {
        self.plan.graph.step(self.task.current_step?)
    }

    /// The step of an item.
    pub fn step_of(&self, item: &Item) -> Option<&Step> {
        self.plan.graph.step(item.step)
    }

    /// The name of a step; empty for one that is not of this plan, which the schema rules out.
    pub fn step_name(&self, step: Uuid) -> &str {
        self.plan.graph.step(step).map_or("", |step| &step.name)
    }

    /// What the holder of an item chose.
    pub fn transition_name(&self, item: &Item) -> Option<&str> {
        self.plan.graph.transition(item.transition?).map(|transition| transition.name.as_str())
    }
}
