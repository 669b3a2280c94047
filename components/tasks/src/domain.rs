//! What a task is and what may happen to it. Pure: no host calls; identifiers and moments (microseconds since
//! 1970-01-01T00:00:00Z) come in as arguments.

mod act;
mod case;
mod change;
mod command;
mod graph;
mod handover;
mod intake;
mod matching;
mod member;
mod opening;
mod rotation;
mod sla;
mod task;
mod ticket;
mod validity;

pub use act::{Action, actions, can_act};
pub use case::{Case, Plan, WorkflowRef};
pub use change::{Audit, Change, Fact, ItemEvent, decide};
pub use command::{Actor, By, Command, Fresh, Need, Refusal, needs};
pub use graph::{Graph, Step, Transition, TransitionKind, weight, weight_milli};
pub use handover::{can_escalate, can_transfer};
pub use intake::{Intake, Standing, intake};
pub use matching::{fold, match_key};
pub use member::Member;
pub use opening::{OWNER_ROLE, Opening, Pools, open};
pub use rotation::{ASSIGN, OWN, Pool, Turn, pool_key};
pub use sla::{Alarm, LEVELS, Sla, alarm, elapsed_percent, item_due, next_alert, task_due};
pub use task::{Item, ItemState, Origin, Task, TaskState};
pub use ticket::{Allocation, Person, Priority, Ticket};
pub use validity::{Draft, Finding, Findings, check};

#[cfg(test)]
pub(crate) mod example;
