//! The designer: workflows as administrators draw, publish and put them away, and as agents look them up.

mod change;
mod create;
mod drawing;
mod read;

pub(super) use change::{archive, draw, patch, pause, publish, resume};
pub(super) use create::create;
pub(super) use read::{list, show, validate};

use sdk::Problem;
use sdk::clock::Timestamp;
use sdk::sql::Error;
use sdk::uuid::Uuid;

use crate::store::Design;

fn no_workflow() -> Problem {
    Problem::not_found("There is no such workflow.")
}

fn name_taken() -> Problem {
    Problem::conflict("Another workflow has this name.")
}

/// Two published workflows cannot take the same tickets.
fn match_taken((id, name): &(Uuid, String)) -> Problem {
    let problem = Problem::conflict(format!("{name} takes the tickets of this department, category and sub-category."));
    problem.member("conflict_with", serde_json::json!({ "id": id, "name": name }))
}

/// What the schema refuses was looked up before; if it refuses it all the same, its letters are folded otherwise.
fn unless_taken(error: Error) -> Problem {
    if error.is_unique() {
        return Problem::conflict("Another workflow has this name, or takes the same tickets.");
    }
    error.into()
}

/// The next version of a workflow, changed now.
fn touched(design: &Design, now: Timestamp) -> Design {
    Design { updated_at: now.0, row_version: design.row_version + 1, ..design.clone() }
}
