//! SQL on one side, values on the other: workflows and their versions, boards, figures, the audit log. No rules. The SQL
//! of a single task is in `tasks::store`.

mod boards;
pub(crate) mod demo;
mod designs;
mod handovers;
mod journal;
mod reports;
mod roles;
mod versions;

pub(crate) use boards::{Board, Listed, Tab, Turns, Waiting, board, mine, unassigned};
pub(crate) use designs::{Design, Version, Wanted, design, insert, list, name_is_taken, rival, update};
pub(crate) use handovers::{handover_counts, handovers};
pub(crate) use journal::{Line, LineFilter, lines};
pub(crate) use reports::{staffing, tallies, work, work_by_state};
pub(crate) use roles::{Role, roles};
pub(crate) use versions::{add_version, publish_version, put_graph, set_sla};

use sdk::clock::Timestamp;
use sdk::sql::{Error, Row, Value};

fn at(micros: i64) -> Value {
    Value::Timestamp(micros)
}

fn moment(row: &Row, column: &str) -> Result<i64, Error> {
    row.get::<Timestamp>(column).map(|at| at.0)
}

fn total(rows: &[Row]) -> Result<i64, Error> {
    rows.first().ok_or(Error::NoRow)?.get("total")
}
