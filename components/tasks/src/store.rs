//! SQL on one side, the domain's values on the other. No rules.

mod alerts;
mod cases;
mod journal;
mod members;
mod plans;
mod rows;
mod saves;
mod snapshots;

pub use alerts::{Due, due_items, flag_late_tasks, settle, told};
pub use cases::{Key, case, case_in};
pub use journal::{Trace, audit, item_events};
pub use members::{mirror, pool, staff, staffed_roles};
pub use plans::{graph, matching, plan, published};
pub use rows::{ITEM_COLUMNS, TASK_COLUMNS, TICKET_COLUMNS, item, task, ticket};
pub use saves::save;
pub use snapshots::{Snapshot, allocate, put, snapshot, standing, waiting, withdraw};

use sdk::sql::{self, Error, Value};

/// Whether the database answers and is migrated.
///
/// # Errors
/// Those of [`sql::query`].
pub async fn ready() -> Result<(), Error> {
    sql::query("select 1 as one from workflows limit 1", []).await.map(drop)
}

fn at(micros: i64) -> Value {
    Value::Timestamp(micros)
}

fn maybe_at(micros: Option<i64>) -> Value {
    micros.map_or(Value::Null, Value::Timestamp)
}
